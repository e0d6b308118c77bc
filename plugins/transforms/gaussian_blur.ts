import * as z from "zod";
import { definePlugin, uint8Pixels } from "seamstress";
import { gaussianBlur } from "./blur/gaussian_blur.ts";

const deviation = z.number().positive();

/** Transform `gaussian-blur`: Pillow's, as DINO's and ToCo's views have it. Mask and maps stay. */
export const gaussianBlurTransform = definePlugin({
  kind: "transform",
  name: "gaussian-blur",
  summary: "blurs with a probability, by a Gaussian of random width, as Pillow does",
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.5).describe(
      "share of samples that are blurred",
    ),
    min: deviation.default(0.1).describe("least standard deviation in pixels: Pillow's radius"),
    max: deviation.default(2).describe("largest standard deviation in pixels"),
  }).refine(({ min, max }) => min <= max, { path: ["min"], error: "min must be <= max" }),
  create: ({ probability, min, max }) => ({
    apply(sample, rng) {
      const pixels = uint8Pixels(sample.image, "gaussian-blur");
      if (rng.float() >= probability) return sample;
      const data = gaussianBlur(pixels, sample.image, rng.uniform(min, max));
      return { ...sample, image: { ...sample.image, data } };
    },
  }),
});
