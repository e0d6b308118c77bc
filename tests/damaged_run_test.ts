import { assert, assertEquals } from "@std/assert";
import { callSeamstress } from "./call.ts";
import { inTempFolder } from "./command.ts";
import { copyFolder } from "./folders.ts";

const RECIPE = `
name: damaged
backend: wasm
dataset: { use: mini, size: 32 }
observers: [console, jsonl, { use: report, sheet: { images: 1 } }]
stages:
  - id: seam
    run: train
    split: "train[0:16]"
    backbone: tiny
    head: cam
    method: classification-cam
    losses: [classification]
    optimizer: { use: sgd, lr: 0.01 }
    batch: { size: 4 }
    epochs: 2
    checkpointEvery: 2
    transforms: [normalize]
  - id: maps
    run: infer
    from: seam
    split: "train[0:4]"
    scales: [1]
  - id: score
    run: evaluate
    from: maps
    metric: miou
`;

const MAP = "stages/maps/cams/mini_0000.safetensors";

/** Turns a bit near a file's end. */
async function flip(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length - 2]! ^= 0x40;
  await Deno.writeFile(path, bytes);
}

/** A run of the recipe that ended; each case damages a copy of it. */
async function finishedRun(folder: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/r.yaml`, RECIPE);
  const { code, err } = await callSeamstress(["run", `${folder}/r.yaml`, "--out", `${folder}/run`]);
  assertEquals(code, 0, err);
  return `${folder}/run`;
}

/** What is done to a finished run, how it is continued, and what is said then. */
interface Case {
  readonly what: string;
  readonly damage: (run: string) => Promise<void>;
  readonly args: readonly string[];
  /** Names the recipe's file in place of the run folder. */
  readonly recipe?: true;
  readonly code: 0 | 1;
  readonly says: readonly string[];
}

const weights = (run: string) => `${run}/stages/seam/checkpoints/last-8.safetensors`;

const CASES: readonly Case[] = [
  {
    what: "a bit of a CAM",
    damage: (run) => flip(`${run}/${MAP}`),
    args: ["--from=score"],
    code: 1,
    says: [MAP, "changed", "--from maps"],
  },
  {
    what: "a CAM deleted",
    damage: (run) => Deno.remove(`${run}/${MAP}`),
    args: ["--from=score"],
    code: 1,
    says: [MAP, "no such file", "--from maps"],
  },
  {
    what: "a bit of the weights",
    damage: (run) => flip(weights(run)),
    args: ["--from=maps"],
    code: 1,
    says: ["last-8.safetensors", "changed", "--from seam"],
  },
  {
    what: "the weights deleted",
    damage: (run) => Deno.remove(weights(run)),
    args: ["--from=maps"],
    code: 1,
    says: ["last-8.safetensors", "no such file", "--from seam"],
  },
  {
    what: "an empty table",
    damage: (run) => Deno.truncate(`${run}/stages/score/table.json`),
    args: ["--resume"],
    code: 1,
    says: ["stages/score/table.json", "changed", "--from score"],
  },
  {
    what: "a marker cut short",
    damage: (run) => Deno.truncate(`${run}/stages/maps/stage.json`, 100),
    args: ["--resume"],
    code: 0,
    says: ["maps: its stage.json is missing or damaged", "maps.superseded-N", "score: options"],
  },
  {
    what: "another alpha in a marker",
    damage: async (run) => {
      const path = `${run}/stages/maps/stage.json`;
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text.replace('"images": 4', '"images": 5'));
    },
    args: ["--resume"],
    code: 0,
    says: ["maps: its stage.json is missing or damaged"],
  },
  {
    what: "an empty manifest",
    damage: (run) => Deno.truncate(`${run}/manifest.json`),
    args: ["--resume"],
    code: 1,
    says: ["manifest.json is missing or damaged", "--resume", "deno task run RECIPE"],
  },
  {
    what: "a manifest without base",
    damage: (run) => Deno.writeTextFile(`${run}/manifest.json`, '{"seed": 1}'),
    args: ["--resume"],
    code: 1,
    says: ["manifest.json is missing or damaged"],
  },
  {
    what: "an empty manifest, and the recipe named",
    damage: (run) => Deno.truncate(`${run}/manifest.json`),
    args: ["--resume"],
    recipe: true,
    code: 0,
    says: ["maps: done before", "score: done before"],
  },
  {
    what: "an empty recipe",
    damage: (run) => Deno.truncate(`${run}/recipe.yaml`),
    args: ["--resume"],
    code: 1,
    says: ["recipe.yaml", "expected keys"],
  },
  {
    what: "half a last line in the log",
    damage: (run) => Deno.writeTextFile(`${run}/metrics.jsonl`, '{"event":"st', { append: true }),
    args: ["--from=score"],
    code: 0,
    says: ["score: asked for again"],
  },
];

Deno.test("a finished run that was damaged says what, and which stage to do again, or fixes it", async (t) => {
  await inTempFolder(async (folder) => {
    const whole = await finishedRun(folder);
    for (const [i, { what, damage, args, recipe, code, says }] of CASES.entries()) {
      await t.step(what, async () => {
        const run = `${folder}/${i}`;
        await copyFolder(whole, run);
        await damage(run);
        const named = recipe ? [`${folder}/r.yaml`, `--out=${run}`] : [run];
        const ended = await callSeamstress(["run", ...named, ...args]);
        const said = ended.out + ended.err;
        assertEquals(ended.code, code, said);
        for (const text of says) assert(said.includes(text), `no "${text}" in ${said}`);
        assert(!said.includes("    at "), `a stack trace: ${said}`);
        const lines = (await Deno.readTextFile(`${run}/metrics.jsonl`)).split("\n");
        for (const line of lines.slice(0, -1)) JSON.parse(line);
      });
    }
  });
});

Deno.test("a run folder from before there were hashes is continued, and the run says that they are missing", async () => {
  await inTempFolder(async (folder) => {
    const run = await finishedRun(folder);
    for (const stage of ["seam", "maps", "score"]) {
      const path = `${run}/stages/${stage}/stage.json`;
      const { files: _, sha256: __, ...old } = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify(old));
    }
    const { code, out, err } = await callSeamstress(["run", run, "--from=score"]);
    assertEquals(code, 0, err);
    for (const text of ["maps: done before", "score: reads stage maps", "carry no hashes"]) {
      assert(out.includes(text), out);
    }
  });
});
