import { encodeSafetensors } from "seamstress";
import { makeProblem } from "../step/problem.ts";
import type { Animals } from "../voc_animals/recipe.ts";
import type { InferredImage, InferredImages } from "./images.ts";

/** Id of the stage that infers a part. */
export const stageOf = (part: number): string => `part-${part}`;

/** What both sides are given. */
export interface InferenceFiles {
  /** Recipe of this project's processes. */
  readonly recipe: string;
  /** The same for PyTorch. */
  readonly job: string;
}

/**
 * Shares images among parts, one after the other, so that parts are alike.
 *
 * @param images all
 * @param parts how many
 * @param warm images of a part before them, which are inferred twice
 * @returns the parts, the warm one first
 */
export function partsOf<T>(images: readonly T[], parts: number, warm: number): readonly T[][] {
  const shared = Array.from(
    { length: parts },
    (_, part) => images.filter((_, i) => i % parts === part),
  );
  return [images.slice(0, warm), ...shared];
}

/**
 * Writes random weights and what both sides read, on the current backend.
 *
 * @param folder for the files
 * @param animals network and options of the inference
 * @param images data set of the images
 * @param parts as {@linkcode partsOf} gives them
 * @returns paths
 */
export async function writeInference(
  folder: string,
  { network, inference: { scales, flip, longSide } }: Animals,
  { dataset }: InferredImages,
  parts: readonly (readonly InferredImage[])[],
): Promise<InferenceFiles> {
  const weights = `${folder}/weights.safetensors`;
  const { state } = await makeProblem({ width: 1, crop: 32, batch: 1, micro: 1 }, network);
  await Deno.writeFile(weights, encodeSafetensors(state));
  const split = (part: number) => `${folder}/${stageOf(part)}.txt`;
  for (const [part, images] of parts.entries()) {
    await Deno.writeTextFile(split(part), images.map(({ name }) => `${name}\n`).join(""));
  }
  const recipe = `${folder}/recipe.json`, job = `${folder}/job.json`;
  const { backbone, head } = network;
  await Deno.writeTextFile(
    recipe,
    JSON.stringify({
      ...{ name: "infer", backend: "wasm", dataset, observers: ["turns"] },
      stages: [
        {
          ...{ id: "weights", run: "import-checkpoint", split: split(0), backbone, head },
          weights: { use: "safetensors", file: weights },
        },
        ...parts.map((_, part) => ({
          ...{ id: stageOf(part), run: "infer", from: "weights", split: split(part) },
          ...{ scales, flip, longSide },
        })),
      ],
    }),
  );
  const { mean, std } = backbone;
  await Deno.writeTextFile(
    job,
    JSON.stringify({ weights, parts, scales, flip, longSide, mean, std }),
  );
  return { recipe, job };
}
