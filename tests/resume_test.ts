import { assert, assertEquals } from "@std/assert";
import { inTempFolder, runSeamstress, seamstress } from "./command.ts";

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

for (const [backend, size, steps] of [["wasm", 64, 36], ["cpu", 16, 12]] as const) {
  Deno.test(`a run killed with SIGKILL and resumed ends with the same weights, to the bit [${backend}]`, async () => {
    await inTempFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/r.yaml`, recipe(backend, size, steps));
      const whole = await runSeamstress(["run", `${folder}/r.yaml`, "--out", `${folder}/whole`]);
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

      const resumed = await runSeamstress([
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
