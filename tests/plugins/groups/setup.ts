import { loadRecipe } from "../../../plugins/recipe_files/load.ts";
import type { Stop } from "../../../core/run/stop.ts";
import { runRecipe } from "../../../plugins/modules/run_recipe.ts";
import { pluginModules, plugins, workerModules } from "../../../plugins/mod.ts";

/** A SEAM training with ER active, of 4 steps of 4 micro-batches, on the embedded world. */
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
    epochs: 2
    transforms: [flip, normalize]
`;

/** How to run a recipe. */
export interface GroupRun {
  readonly recipe: string;
  /** Of workers; single where not given. */
  readonly count?: number | "auto";
  readonly set?: readonly string[];
  readonly resume?: boolean;
  readonly stop?: Stop;
}

/**
 * Runs a recipe.
 *
 * @param folder the run folder; recipes stand in the folder above it, where their own modules are
 * @param run what, and by how many
 */
export async function runGroup(folder: string, run: GroupRun): Promise<void> {
  const above = folder.slice(0, folder.lastIndexOf("/"));
  await Deno.writeTextFile(`${above}/recipe.yaml`, run.recipe);
  const { count, resume = false, stop } = run;
  const group = count === undefined ? ["group=single"] : ["group=workers", `group.count=${count}`];
  const loaded = await loadRecipe(`${above}/recipe.yaml`, {
    plugins,
    set: [...group, ...run.set ?? []],
    environment: () => undefined,
    cwd: above,
  });
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
