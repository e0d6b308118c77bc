import * as z from "zod";
import { definePlugin, userError, type View } from "seamstress";
import { resizeBilinear } from "seamstress/ops";

/** SEAM's A(·): bilinear resizing, corners aligned, to the floor of the scaled size (PyTorch's `interpolate`). */
export const rescaleView = definePlugin({
  kind: "view",
  name: "rescale",
  summary: "resizes by a fixed factor, bilinear",
  options: z.strictObject({
    scale: z.number().positive().default(0.3).describe("factor on height and width"),
  }),
  create({ scale }): View {
    return {
      draw: () => ({
        apply(x) {
          const [height, width] = [x.shape[1], x.shape[2]];
          const size = [Math.floor(height * scale), Math.floor(width * scale)] as const;
          if (Math.min(...size) < 1) {
            throw userError(
              new RangeError(
                `Cannot rescale ${height}x${width} by ${scale}: nothing is left; crop larger or scale less`,
              ),
            );
          }
          return resizeBilinear(x, size, true);
        },
      }),
    };
  },
});
