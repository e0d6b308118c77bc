import type { Raster } from "seamstress";
import { type Model, multiScaleCam, type MultiScaleResult } from "seamstress/wsss";

/**
 * Finds the head output that CAMs come from.
 *
 * @param wanted `output`, where the recipe names one
 * @param outputs of the head
 * @returns none where it has none such
 */
export function camOutput(
  { output }: { readonly output?: string | undefined },
  outputs: readonly string[],
): string | undefined {
  return [output ?? "cam_rv", ...output === undefined ? ["cam"] : []]
    .find((name) => outputs.includes(name));
}

/**
 * CAMs of an image at its own scale, as inference computes them.
 *
 * @param model the network as it stands
 * @param image RGB
 * @param label its classes, `[C]`
 * @param output of the head, which {@linkcode camOutput} found
 * @returns CAMs, and scores of all classes
 */
export async function oneScaleCam(
  model: Model,
  image: Raster,
  label: Float32Array,
  output: string,
): Promise<MultiScaleResult> {
  const scoresFrom = model.head.outputs.includes("cam") ? "cam" : output;
  return await multiScaleCam(model, image, label, { scales: [1], flip: false, output, scoresFrom });
}
