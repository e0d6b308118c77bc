import * as z from "zod";
import { definePlugin, uint8Pixels } from "seamstress";

/** Transform `solarize`: Pillow's `ImageOps.solarize` and torchvision's `RandomSolarize`. Mask and maps stay. */
export const solarize = definePlugin({
  kind: "transform",
  name: "solarize",
  summary: "inverts levels from a threshold on, with a probability",
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.2).describe(
      "share of samples that are solarised",
    ),
    threshold: z.int().min(0).max(256).default(128).describe(
      "level from which on a level v becomes 255 - v",
    ),
  }),
  create: ({ probability, threshold }) => ({
    apply(sample, rng) {
      const pixels = uint8Pixels(sample.image, "solarize");
      if (rng.float() >= probability) return sample;
      const data = pixels.map((level) => level < threshold ? level : 255 - level);
      return { ...sample, image: { ...sample.image, data } };
    },
  }),
});
