import * as z from "zod";
import { definePlugin, mapRasters, type Raster } from "seamstress";

/** Mirrors a raster left to right. */
function mirror(raster: Raster): Raster {
  const { width, height, channels } = raster;
  const data = raster.data.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + width - 1 - x) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) data[to + c] = raster.data[from + c]!;
    }
  }
  return { ...raster, data };
}

/** Transform `flip`: image, mask and maps mirrored alike. */
export const flip = definePlugin({
  kind: "transform",
  name: "flip",
  summary: "mirrors left to right with a probability",
  options: z.strictObject({
    probability: z.number().min(0).max(1).default(0.5).describe(
      "share of samples that are mirrored",
    ),
  }),
  create: ({ probability }) => ({
    apply(sample, rng) {
      if (rng.float() >= probability) return sample;
      const image = mirror(sample.image);
      return { ...mapRasters(sample, mirror), image };
    },
  }),
});
