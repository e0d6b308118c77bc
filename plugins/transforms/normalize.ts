import * as z from "zod";
import { definePlugin, userError } from "seamstress";

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** Transform `normalize`: SEAM's `Normalize` (`network/resnet38d.py`), with the backbone's own mean and std. */
export const normalize = definePlugin({
  kind: "transform",
  name: "normalize",
  summary: "uint8 → float32 (rgb / 255 - mean) / std; what the backbone wants unless given",
  options: z.strictObject({
    mean: triple.optional().describe("mean of R, G, B in 0..1; the backbone's own by default"),
    std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]).optional()
      .describe("standard deviation of R, G, B in 0..1; the backbone's own by default"),
  }),
  create: (options, { normalization }) => {
    const mean = options.mean ?? normalization.mean;
    const std = options.std ?? normalization.std;
    // A pixel has 256 values: each channel's results fit in a table.
    const table = new Float32Array(3 * 256);
    for (let c = 0; c < 3; c++) {
      for (let v = 0; v < 256; v++) table[c * 256 + v] = (v / 255 - mean[c]!) / std[c]!;
    }
    return {
      apply(sample) {
        const { image } = sample;
        if (image.channels !== 3) {
          throw new RangeError(
            `Cannot normalise ${sample.name}: it has ${image.channels} channels, must be 3`,
          );
        }
        const pixels = image.data;
        if (!(pixels instanceof Uint8Array)) {
          throw userError(
            new TypeError(`Cannot normalise ${sample.name} twice: list normalize only once`),
          );
        }
        const data = new Float32Array(pixels.length);
        for (let i = 0; i < data.length; i += 3) {
          data[i] = table[pixels[i]!]!;
          data[i + 1] = table[256 + pixels[i + 1]!]!;
          data[i + 2] = table[512 + pixels[i + 2]!]!;
        }
        return { ...sample, image: { ...image, data } };
      },
    };
  },
});
