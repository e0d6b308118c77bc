import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import type { Stop } from "../../../core/run/stop.ts";
import { runRecipe } from "../../../plugins/modules/run_recipe.ts";
import { pluginModules, plugins, workerModules } from "../../../plugins/mod.ts";

/** A SEAM training with ER active, of 4 steps of 4 micro-batches, on the embedded world; each rank loads its own samples. */
export const TRAINING = `
name: group
backend: wasm
dataset: { use: mini, size: 16 }
observers: []
stages:
  - id: seam
    run: train
    split: "train[0:16]"
    backbone: tiny
    head: { use: seam, low: t3, mid: t4, lowChannels: 8, midChannels: 16, imageScale: 4 }
    method: { use: seam, view: { use: rescale, scale: 0.5 } }
    losses: [classification, { use: er, start: 1 }, { use: ecr, start: 1 }]
    optimizer: { use: sgd, lr: 0.01, momentum: 0.9 }
    batch: { size: 8, micro: 2 }
    workers: 0
    epochs: 2
    transforms: [flip, normalize]
`;

/** A transform that fails on an image, and a loss that is NaN where an image's first pixel is marked. */
export const FAULTY = `
import { definePlugin, userError } from "seamstress";
import * as z from "zod";
export const fails = definePlugin({
  kind: "transform", name: "fails", summary: "", options: z.strictObject({ on: z.string() }),
  create: ({ on }) => ({ apply(sample) {
    if (sample.name === on) throw userError(new RangeError("Cannot read " + on));
    return sample;
  } }),
});
export const marks = definePlugin({
  kind: "transform", name: "marks", summary: "", options: z.strictObject({ on: z.string() }),
  create: ({ on }) => ({ apply(sample) {
    if (sample.name !== on) return sample;
    sample.image.data.fill(NaN);
    return sample;
  } }),
});
`;

/** The training with one of these transforms, in Workers that load. @param index of the image @returns that image's name, and the recipe */
export function faultyTraining(use: "fails" | "marks", index: number) {
  const name = `mini_${String(index).padStart(4, "0")}`;
  const recipe = TRAINING.replace("normalize]", `normalize, { use: ${use}, on: ${name} }]`)
    .replace("workers: 0", "workers: 1");
  return { name, recipe };
}

/** How to run a recipe. */
export interface GroupRun {
  readonly recipe: string;
  /** Of workers; single where not given. */
  readonly count?: number | "auto";
  readonly set?: readonly string[];
  readonly resume?: boolean;
  readonly stop?: Stop;
}

/** Loads a recipe, which stands in a folder with its own modules. */
export async function loadGroup(
  folder: string,
  { recipe, count, set = [] }: Pick<GroupRun, "recipe" | "count" | "set">,
) {
  await Deno.writeTextFile(`${folder}/recipe.yaml`, recipe);
  const group = count === undefined ? ["group=single"] : ["group=workers", `group.count=${count}`];
  return await loadRecipe(`${folder}/recipe.yaml`, {
    plugins,
    set: [...group, ...set],
    environment: () => undefined,
    cwd: folder,
  });
}

/**
 * Runs a recipe.
 *
 * @param folder the run folder; the recipe is in the folder above it
 * @param run what, and by how many
 */
export async function runGroup(folder: string, run: GroupRun): Promise<void> {
  const loaded = await loadGroup(folder.slice(0, folder.lastIndexOf("/")), run);
  const { resume = false, stop } = run;
  const options = { folder, resume, workerModules, pluginModules, ...stop && { stop } };
  await runRecipe(loaded, options);
}

/** Every file that a stage left, with its hash, as `stage.json` has them. */
export async function filesOf(folder: string, stage: string): Promise<Record<string, string>> {
  return JSON.parse(await Deno.readTextFile(`${folder}/stages/${stage}/stage.json`)).files;
}

/** The message that a run ends with. */
export async function failureOf(folder: string, run: GroupRun): Promise<string> {
  try {
    await runGroup(folder, run);
  } catch (error) {
    return (error as Error).message.replaceAll(folder, "RUN");
  }
  throw new Error("The run did not fail");
}
