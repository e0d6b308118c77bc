import * as z from "zod";
import { definePlugin, resizeSample, sizeOfLongSide } from "seamstress";

/** Transform `random-resize-long`: SEAM's `RandomResizeLong` (`tool/imutils.py`). */
export const randomResizeLong = definePlugin({
  kind: "transform",
  name: "random-resize-long",
  summary: "resizes so that the long side is uniform in min..max (Pillow bicubic, mask nearest)",
  options: z.strictObject({
    min: z.int().min(1).default(448).describe("shortest long side, in pixels"),
    max: z.int().min(1).default(768).describe("longest long side, in pixels, reached"),
  }).refine(({ min, max }) => min <= max, { path: ["min"], error: "min must be <= max" }),
  create: ({ min, max }) => ({
    apply(sample, rng) {
      const { width, height } = sample.image;
      const long = min + rng.integer(max - min + 1);
      return resizeSample(sample, ...sizeOfLongSide(width, height, long), "random-resize-long");
    },
  }),
});
