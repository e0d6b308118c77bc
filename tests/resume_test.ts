import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "../core/recipe/paths.ts";
import { callSeamstress } from "./call.ts";
import { inTempFolder, seamstress } from "./command.ts";
import { compareStages } from "./folders.ts";

/** SEAM on the mini world, small enough for a test, with everything that has state: momentum, warm-up, a late loss, Workers. */
const recipe = (backend: string, size: number, steps: number) => `
name: resume
backend: ${backend}
dataset: { use: mini, size: ${size} }
observers: [jsonl]
stages:
  - id: seam
    run: train
    split: "train[0:24]"
    backbone: tiny
    head: { use: seam, dropout: 0.2, low: t3, mid: t4, lowChannels: 8, midChannels: 16, featureChannels: 24, imageScale: 4 }
    method: { use: seam, view: { use: rescale, scale: 0.5 } }
    losses:
      - classification
      - { use: er, weight: 3, start: 2 }
      - ecr
      - min-pooling
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9, schedule: { use: warmup, steps: 3, then: poly } }
    batch: { size: 4, micro: 2 }
    epochs: ${steps / 6}
    checkpointEvery: 2
    transforms: [flip, normalize]
`;

async function weights(run: string): Promise<Uint8Array> {
  const marker = JSON.parse(await Deno.readTextFile(`${run}/stages/seam/stage.json`));
  return await Deno.readFile(`${run}/stages/seam/${marker.artifact.info.weights}`);
}

async function stepsLogged(run: string): Promise<number[]> {
  try {
    const text = await Deno.readTextFile(`${run}/metrics.jsonl`);
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line))
      .filter((event) => event.event === "step").map((event) => event.step);
  } catch {
    return [];
  }
}

for (const [backend, size, steps] of [["wasm", 32, 24], ["cpu", 16, 12]] as const) {
  Deno.test(`a run killed with SIGKILL and resumed ends with the same weights, to the bit [${backend}]`, async () => {
    await inTempFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/r.yaml`, recipe(backend, size, steps));
      const whole = await callSeamstress(["run", `${folder}/r.yaml`, "--out", `${folder}/whole`]);
      assertEquals(whole.code, 0, whole.err);

      const child = seamstress(["run", `${folder}/r.yaml`, "--out", `${folder}/killed`]).spawn();
      const drained = Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
      while ((await stepsLogged(`${folder}/killed`)).length < 5) {
        await new Promise((r) => setTimeout(r, 20));
      }
      child.kill("SIGKILL");
      await child.status;
      await drained;
      const before = await stepsLogged(`${folder}/killed`);
      assert(before.length < steps, "the run was over before it was killed");

      const resumed = await callSeamstress([
        "run",
        `${folder}/r.yaml`,
        "--out",
        `${folder}/killed`,
        "--resume",
      ]);
      assertEquals(resumed.code, 0, resumed.err);
      assertEquals(await weights(`${folder}/killed`), await weights(`${folder}/whole`));
      const expected = Array.from({ length: steps }, (_, i) => i + 1);
      assertEquals(await stepsLogged(`${folder}/killed`), expected, "each step is logged once");
    });
  });
}

/** A recipe that is killed where a file of a stage appears, and resumed, for each place in turn. */
interface Killed {
  readonly recipe: string;
  readonly set: readonly string[];
  /** Stage, and the least number of files in its folder, or lines of its steps, to wait for. */
  readonly at: readonly {
    readonly stage: string;
    readonly files?: number;
    readonly steps?: number;
  }[];
}

const RECIPES = fromFileUrl(new URL("../recipes", import.meta.url));

const PIPELINES: readonly Killed[] = [
  {
    recipe: "mini/seam.yaml",
    set: [
      "train.maxSteps=12",
      "train.checkpointEvery=3",
      "train.losses.er.start=0",
      "cams.split=train[0:30]",
      "held-out.split=val[0:12]",
    ],
    at: [{ stage: "train", steps: 5 }, { stage: "cams", files: 5 }],
  },
];

/** Files below a folder that are whole, by relative path. */
async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
      const path = `${prefix}${name}`;
      if (isDirectory) found.push(...await filesBelow(folder, `${path}/`));
      else if (!name.endsWith(".tmp")) found.push(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

/** Starts or resumes a run and kills it when a stage is under way. */
async function killAt(args: readonly string[], run: string, at: Killed["at"][number]) {
  const resume = (await filesBelow(run)).length > 0 ? ["--resume"] : [];
  const child = seamstress([...args, "--out", run, ...resume]).spawn();
  const drained = Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
  let over = false;
  const ended = child.status.then(() => over = true);
  const reached = async () =>
    at.steps !== undefined
      ? (await stepsLogged(run)).length >= at.steps
      : (await filesBelow(`${run}/stages/${at.stage}`)).length >= (at.files ?? 1);
  while (!over && !(await reached())) await new Promise((r) => setTimeout(r, 5));
  assert(!over, `the run was over before stage ${at.stage} was killed`);
  child.kill("SIGKILL");
  await Promise.all([ended, drained]);
  const marker = JSON.parse(await Deno.readTextFile(`${run}/stages/${at.stage}/stage.json`));
  assertEquals(marker.artifact, undefined, `stage ${at.stage} had finished when it was killed`);
}

for (const { recipe, set, at } of PIPELINES) {
  const where = at.map(({ stage }) => stage).join(" and in ");
  Deno.test(`recipes/${recipe}, killed in ${where}, ends with the files of an unbroken run`, async () => {
    await inTempFolder(async (folder) => {
      const args = [
        "run",
        `${RECIPES}/${recipe}`,
        "--backend=wasm",
        ...set.flatMap((setting) => ["--set", setting]),
      ];
      const whole = await callSeamstress([...args, "--out", `${folder}/whole`]);
      assertEquals(whole.code, 0, whole.err);
      const run = `${folder}/killed`;
      for (const place of at) await killAt(args, run, place);
      const resumed = await callSeamstress([...args, "--out", run, "--resume"]);
      assertEquals(resumed.code, 0, resumed.err);
      await compareStages(run, `${folder}/whole`);
    });
  });
}
