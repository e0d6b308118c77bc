import * as z from "zod";
import { mistake } from "../../core/errors.ts";
import { definePlugin } from "../../core/plugin.ts";
import type { Rng } from "../../core/rng.ts";
import type { Raster } from "../../core/sample.ts";

/** How one axis is cut: `length` pixels from `source` on go to `target` on. */
interface Cut {
  readonly source: number;
  readonly target: number;
  readonly length: number;
}

/** Draws one axis: a long side loses a random part, a short one lands at a random place. */
function draw(side: number, size: number, rng: Rng): Cut {
  const length = Math.min(side, size);
  const at = rng.integer(Math.abs(side - size) + 1);
  return side > size ? { source: at, target: 0, length } : { source: 0, target: at, length };
}

/** Copies the cut of a raster into a container that holds `fill` elsewhere. */
function place<D extends Uint8Array | Float32Array>(
  raster: Raster,
  from: D,
  container: D,
  size: number,
  across: Cut,
  down: Cut,
): Raster {
  const { width, channels } = raster;
  for (let y = 0; y < down.length; y++) {
    const row = ((down.source + y) * width + across.source) * channels;
    const to = ((down.target + y) * size + across.target) * channels;
    container.set(from.subarray(row, row + across.length * channels), to);
  }
  return { width: size, height: size, channels, data: container };
}

/** Transform `random-crop`: SEAM's `RandomCrop` (`tool/imutils.py`), with a mask beside it. */
export const randomCrop = definePlugin({
  kind: "transform",
  name: "random-crop",
  summary: "crops to a square; what the image does not fill is the mean colour, 255 in the mask",
  options: z.strictObject({
    size: z.int().min(1).default(448).describe("side of the square, in pixels"),
  }),
  create: ({ size }) => ({
    apply(sample, rng) {
      const { image, mask } = sample;
      if (!(image.data instanceof Float32Array)) {
        throw mistake(
          new TypeError(
            "Cannot apply the transform random-crop to pixels that are not normalised: the 0 around a small image would be " +
              "black, not the mean colour; list normalize before random-crop",
          ),
        );
      }
      const down = draw(image.height, size, rng);
      const across = draw(image.width, size, rng);
      const empty = new Float32Array(size * size * image.channels);
      const cropped = place(image, image.data, empty, size, across, down);
      if (!mask) return { ...sample, image: cropped };
      const ignored = new Uint8Array(size * size).fill(255);
      const classes = mask.data as Uint8Array;
      return { ...sample, image: cropped, mask: place(mask, classes, ignored, size, across, down) };
    },
  }),
});
