import * as z from "zod";
import { definePlugin, type Refinement, type Scores } from "seamstress";
import { strongestClass } from "seamstress/wsss";

/**
 * Scores of labels: the strongest class of each pixel is as probable as told, the others share the rest. pydensecrf's
 * `unary_from_labels`, by which the IRN authors' `crf_inference_label` starts.
 *
 * @param scores of all classes, the background first
 * @param probability of the label
 * @returns probabilities, `[C,H,W]`; 1 where there is one class alone
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hardLabels } from "./hard_labels.ts";
 * const scores = { channels: 3, height: 1, width: 2, data: Float32Array.of(0.3, 0.3, 0.2, 0.4, 0.1, 0.4) };
 * assertEquals(hardLabels(scores, 0.5).data, Float32Array.of(0.5, 0.25, 0.25, 0.5, 0.25, 0.25));
 * ```
 */
export function hardLabels(scores: Scores, probability: number): Scores {
  const { channels, height, width, data } = scores;
  const pixels = height * width;
  const rest = (1 - probability) / (channels - 1);
  const found = new Float32Array(data.length).fill(rest);
  const classes = Array.from({ length: channels }, (_, c) => c);
  strongestClass({ ...scores, classes }).data.forEach((best, pixel) => {
    found[best * pixels + pixel] = channels === 1 ? 1 : probability;
  });
  return { channels, height, width, data: found };
}

/** Turns scores into labels and these into probabilities, from which a CRF starts; see {@linkcode hardLabels}. */
export const hardLabelsRefinement = definePlugin({
  kind: "refinement",
  name: "hard-labels",
  summary: "each pixel's strongest class gets one probability, the others share the rest",
  options: z.strictObject({
    probability: z.number().gt(0).lt(1).default(0.7).describe("Of the strongest class"),
  }),
  create: ({ probability }): Refinement => ({
    needsBackground: true,
    refine: (scores) => Promise.resolve(hardLabels(scores, probability)),
  }),
});
