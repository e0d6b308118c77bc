import * as z from "zod";
import { definePlugin, resizeSample, roundHalfEven } from "seamstress";

/** Transform `scale`: the random scale of the retraining step (semantic-segmentation-codebase, `DATA_RANDOMSCALE`). */
export const scale = definePlugin({
  kind: "transform",
  name: "scale",
  summary: "resizes by a factor uniform in min..max (Pillow bicubic, mask nearest)",
  options: z.strictObject({
    min: z.number().positive().default(0.5).describe("smallest factor"),
    max: z.number().positive().default(1.5).describe("largest factor"),
  }).refine(({ min, max }) => min <= max, { path: ["min"], error: "min must be <= max" }),
  create: ({ min, max }) => ({
    apply(sample, rng) {
      const factor = rng.uniform(min, max);
      const side = (length: number) => Math.max(roundHalfEven(length * factor), 1);
      return resizeSample(sample, side(sample.image.width), side(sample.image.height), "scale");
    },
  }),
});
