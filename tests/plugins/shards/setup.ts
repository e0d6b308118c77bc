import { runSeamstress } from "../../command.ts";

/** A training, and stages of every kind behind it. */
export const RECIPE = `
name: shards
seed: 3
backend: wasm
dataset: { use: mini, size: 24 }
observers: [jsonl, report]
group: single
stages:
  - id: seam
    run: train
    split: "train[0:8]"
    backbone: tiny
    head: { use: seam, low: t3, mid: t4, lowChannels: 8, midChannels: 16, imageScale: 4 }
    method: { use: seam, view: { use: rescale, scale: 0.5 } }
    losses: [classification, er, ecr]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    batch: { size: 4, micro: 2 }
    epochs: 1
    transforms: [flip, normalize]
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

/** Every file below a folder with its content, by relative path; of a marker what does not name its execution. */
export async function treeOf(folder: string, prefix = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    const path = `${prefix}${name}`;
    if (isDirectory) Object.assign(found, await treeOf(folder, `${path}/`));
    else if (name === "stage.json") {
      const marker = JSON.parse(await Deno.readTextFile(`${folder}/${path}`));
      for (const key of ["made", "fingerprint", "sha256"]) delete marker[key];
      found[path] = JSON.stringify(marker);
    } else found[path] = (await Deno.readFile(`${folder}/${path}`)).toHex();
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a < b ? -1 : 1));
}

/** Copies a folder. */
export async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyTree(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

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

/** Runs a shard, or whatever the arguments say, to its end. */
export function shard(folder: string, run: string, more: readonly string[]) {
  return runSeamstress(argsOf(folder, run, more));
}
