import * as z from "zod";
import { definePlugin, type Rng, uint8Pixels } from "seamstress";
import { adjustBrightness } from "./color/brightness.ts";
import { adjustContrast } from "./color/contrast.ts";
import { adjustHue } from "./color/hue.ts";
import { adjustSaturation } from "./color/saturation.ts";

/** A factor around 1 that is never negative. */
const around1 = (spread: number, rng: Rng) => rng.uniform(Math.max(0, 1 - spread), 1 + spread);

/** Transform `color-jitter`: torchvision 0.14's `ColorJitter` on PIL images. */
export const colorJitter = definePlugin({
  kind: "transform",
  name: "color-jitter",
  summary: "random brightness, contrast, saturation and hue in random order, as torchvision on PIL",
  options: z.strictObject({
    brightness: z.number().min(0).default(0.3)
      .describe("b: factor uniform in max(0, 1 - b) .. 1 + b; 0 leaves it out"),
    contrast: z.number().min(0).default(0.3)
      .describe("c: factor uniform in max(0, 1 - c) .. 1 + c; 0 leaves it out"),
    saturation: z.number().min(0).default(0.3)
      .describe("s: factor uniform in max(0, 1 - s) .. 1 + s; 0 leaves it out"),
    hue: z.number().min(0).max(0.5).default(0.1)
      .describe("h: turn of the colour circle uniform in -h .. h; 0 leaves it out"),
    probability: z.number().min(0).max(1).optional().describe(
      "share of samples whose colours change; all unless given",
    ),
  }),
  create: ({ brightness, contrast, saturation, hue, probability = 1 }) => ({
    apply(sample, rng) {
      let pixels = uint8Pixels(sample.image, "color-jitter");
      // Nothing is drawn where all are changed: what a seed gives stays.
      if (probability < 1 && rng.float() >= probability) return sample;
      const order = rng.permutation(4);
      const factors = [brightness, contrast, saturation].map((spread) => around1(spread, rng));
      const turn = rng.uniform(-hue, hue);
      const steps = [
        () => brightness > 0 ? adjustBrightness(pixels, factors[0]!) : pixels,
        () => contrast > 0 ? adjustContrast(pixels, factors[1]!) : pixels,
        () => saturation > 0 ? adjustSaturation(pixels, factors[2]!) : pixels,
        // Not even a turn of 0 is nothing: the way through HSV changes pixels.
        () => hue > 0 ? adjustHue(pixels, turn) : pixels,
      ];
      for (const step of order) pixels = steps[step]!();
      return { ...sample, image: { ...sample.image, data: pixels } };
    },
  }),
});
