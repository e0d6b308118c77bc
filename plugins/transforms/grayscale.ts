import * as z from "zod";
import { definePlugin, uint8Pixels } from "seamstress";
import { adjustSaturation } from "./color/saturation.ts";

/** Transform `grayscale`: torchvision's `RandomGrayscale` on PIL images. Mask and maps stay. */
export const grayscale = definePlugin({
  kind: "transform",
  name: "grayscale",
  summary: "takes the colour out with a probability, as Pillow does; three channels stay",
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.1).describe("share of samples that are grey"),
  }),
  create: ({ probability }) => ({
    apply(sample, rng) {
      const pixels = uint8Pixels(sample.image, "grayscale");
      if (rng.float() >= probability) return sample;
      return { ...sample, image: { ...sample.image, data: adjustSaturation(pixels, 0) } };
    },
  }),
});
