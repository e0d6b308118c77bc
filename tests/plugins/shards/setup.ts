import { callSeamstress } from "../../call.ts";
import { runSeamstress } from "../../command.ts";
import { SHORT_SEAM } from "../../short_seam.ts";

/** A training, and stages of every kind behind it. */
export const RECIPE = `
name: shards
seed: 3
backend: wasm
dataset: { use: mini, size: 24 }
observers: [jsonl, report]
group: single
stages:
  ${SHORT_SEAM}
  - { id: cams, run: infer, from: seam, split: "train[0:10]", scales: [1, 1.5] }
  - id: score
    run: evaluate
    from: cams
    metric: [{ use: miou, alpha: { sweep: [0.1, 0.5, 0.1] } }]
  - id: la
    run: refine
    from: cams
    keepScores: true
    refinements: [{ use: power-background, power: 4 }, { use: dense-crf, iterations: 1 }]
  - id: ha
    run: refine
    from: cams
    keepScores: true
    refinements: [{ use: power-background, power: 16 }]
  - { id: labels, run: affinity-labels, low: la, high: ha, square: 4 }
`;

/** Trains the recipe's network, without shards. */
export async function train(folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/recipe.yaml`, RECIPE);
  const { code, err } = await shard(folder, "trained", ["--until", "seam"]);
  if (code !== 0) throw new Error(err);
}

/** The arguments of a run in a folder below the recipe's. */
export function argsOf(folder: string, run: string, more: readonly string[]): string[] {
  return ["run", `${folder}/recipe.yaml`, "--out", `${folder}/${run}`, ...more];
}

/** Runs a shard, or whatever the arguments say, to its end, in this process. */
export function shard(folder: string, run: string, more: readonly string[]) {
  return callSeamstress(argsOf(folder, run, more));
}

/** The same in a process of its own, beside others. */
export function shardBeside(folder: string, run: string, more: readonly string[]) {
  return runSeamstress(argsOf(folder, run, more));
}

/** Waits until a folder holds a whole file. */
export async function firstFile(folder: string, ending = ".safetensors"): Promise<void> {
  for (;;) {
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
    if (names.some((name) => name.endsWith(ending))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
