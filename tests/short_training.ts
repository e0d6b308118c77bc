import { assert, assertStringIncludes } from "@std/assert";
import { inTempFolder } from "./command.ts";
import { failureOf } from "./plugins/groups/setup.ts";

/** What differs between short trainings, as YAML. */
export interface ShortTraining {
  readonly name: string;
  readonly head: string;
  readonly method: string;
  readonly losses: string;
  readonly dataset?: string;
  readonly optimizer?: string;
  readonly batch?: string;
}

/** A recipe whose stage `train` takes four steps, of four micro-batches unless told, on the embedded world. */
export const shortTraining = ({
  name,
  head,
  method,
  losses,
  dataset = "{ use: mini, size: 16 }",
  optimizer = "{ use: sgd, lr: 0.01, momentum: 0.9 }",
  batch = "{ size: 8, micro: 2 }",
}: ShortTraining) => `
name: ${name}
backend: wasm
dataset: ${dataset}
observers: []
stages:
  - id: train
    run: train
    split: "train[0:16]"
    backbone: tiny
    head: ${head}
    method: ${method}
    losses: ${losses}
    optimizer: ${optimizer}
    batch: ${batch}
    epochs: 2
    workers: 0
    checkpointEvery: 1
    transforms: [flip, normalize]
`;

/** A text of a recipe, what stands in its place, and what the refusal says. */
export type Refused = readonly [from: string, to: string, message: string];

/** Runs a recipe with each change; every run has to be refused. */
export async function assertRefused(recipe: string, refused: readonly Refused[]): Promise<void> {
  for (const [from, to, message] of refused) {
    await inTempFolder(async (folder) => {
      assert(recipe.includes(from), `the recipe has no "${from}"`);
      const failure = await failureOf(`${folder}/run`, { recipe: recipe.replace(from, to) });
      assertStringIncludes(failure, message);
    });
  }
}
