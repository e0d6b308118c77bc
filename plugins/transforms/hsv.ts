import * as z from "zod";
import { definePlugin, type Rng, uint8Pixels } from "seamstress";
import { shiftHsv } from "./color/shift_hsv.ts";

/** An integer in -spread .. spread, both ends among them, as Python's `random.randint(-spread, spread)` draws it. */
const draw = (spread: number, rng: Rng) => rng.integer(2 * spread + 1) - spread;

/** Transform `hsv`: the colour jitter of the retraining step (semantic-segmentation-codebase, `RandomHSV`). */
export const hsv = definePlugin({
  kind: "transform",
  name: "hsv",
  summary: "adds a random integer to hue, saturation and value each (OpenCV's 8-bit HSV)",
  options: z.strictObject({
    hue: z.int().min(0).max(90).default(10).describe("h: adds -h .. h half degrees of hue"),
    saturation: z.int().min(0).max(255).default(10).describe(
      "s: adds -s .. s 255ths of saturation",
    ),
    value: z.int().min(0).max(255).default(10).describe("v: adds -v .. v 255ths of value"),
  }),
  create: ({ hue, saturation, value }) => ({
    apply(sample, rng) {
      const pixels = uint8Pixels(sample.image, "hsv");
      const data = shiftHsv(pixels, {
        hue: draw(hue, rng),
        saturation: draw(saturation, rng),
        value: draw(value, rng),
      });
      return { ...sample, image: { ...sample.image, data } };
    },
  }),
});
