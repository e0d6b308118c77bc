import * as z from "zod";
import { definePlugin, resizeSample, sizeOfLongSide } from "seamstress";

/** Transform `resize-long`: reduces large photographs; deterministic. */
export const resizeLong = definePlugin({
  kind: "transform",
  name: "resize-long",
  summary: "reduces the long side to at most longSide (Pillow bicubic, mask nearest)",
  options: z.strictObject({
    longSide: z.int().min(1).describe("longest side that stays as it is, in pixels"),
  }),
  create: ({ longSide }) => ({
    apply(sample) {
      const { width, height } = sample.image;
      if (Math.max(width, height) <= longSide) return sample;
      return resizeSample(sample, ...sizeOfLongSide(width, height, longSide), "resize-long");
    },
  }),
});
