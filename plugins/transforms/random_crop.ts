import * as z from "zod";
import { definePlugin, mapRasters, type Raster, type Rng, userError } from "seamstress";

/** The crop of one axis: `length` pixels from `source` on go to `target` on. */
interface Cut {
  readonly source: number;
  readonly target: number;
  readonly length: number;
}

/** Draws the crop of one axis: a long side loses a random part, a short one is placed at random. */
function draw(side: number, size: number, rng: Rng): Cut {
  const length = Math.min(side, size);
  const at = rng.integer(Math.abs(side - size) + 1);
  return side > size ? { source: at, target: 0, length } : { source: 0, target: at, length };
}

/** Copies the cut of a raster into a container that holds `fill` elsewhere. */
function place(
  raster: Raster,
  from: Raster["data"],
  container: Uint8Array | Float32Array,
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

/** What the image does not fill, the pixels that it needs, and how a wrong place in the list is said. */
const FILLS = {
  mean: {
    fits: (data: Raster["data"]) => data instanceof Float32Array,
    wrong:
      "pixels that are not normalised: the 0 around a small image would be black, not the mean colour; list " +
      "normalize before random-crop, or give it fill: black",
  },
  black: {
    fits: (data: Raster["data"]) => data instanceof Uint8Array,
    wrong:
      "normalised pixels with fill: black: the 0 around a small image would be the mean colour; list random-crop " +
      "before normalize, or give it fill: mean",
  },
} as const;

/** A container of the raster's kind that holds 0: black before normalising, the mean colour after it. */
function container({ data, channels }: Raster, size: number): Uint8Array | Float32Array {
  const length = size * size * channels;
  return data instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
}

/**
 * Transform `random-crop`: SEAM's `RandomCrop` (`tool/imutils.py`), with a mask beside it. SEAM itself and the retraining crop after
 * normalising, AffinityNet (`train_aff.py`) before: there the container is black, -2.118, -2.036, -1.804 once ImageNet's mean and
 * standard deviation are applied.
 */
export const randomCrop = definePlugin({
  kind: "transform",
  name: "random-crop",
  summary:
    "crops to a square; what the image does not fill is the mean colour or black, 255 in the mask, 0 in maps",
  options: z.strictObject({
    size: z.int().min(1).default(448).describe("side of the square, in pixels"),
    fill: z.enum(["mean", "black"]).default("mean").describe(
      "what the image does not fill: the mean colour (list it after normalize) or black (before normalize, after colours are changed)",
    ),
  }),
  create: ({ size, fill }) => ({
    apply(sample, rng) {
      const { image } = sample;
      const { fits, wrong } = FILLS[fill];
      if (!fits(image.data)) {
        throw userError(new TypeError(`Cannot apply the transform random-crop to ${wrong}`));
      }
      const down = draw(image.height, size, rng);
      const across = draw(image.width, size, rng);
      const cropped = place(image, image.data, container(image, size), size, across, down);
      const cut = (raster: Raster, into: Raster["data"]) =>
        place(raster, raster.data, into, size, across, down);
      return {
        ...mapRasters(
          sample,
          (mask) => cut(mask, new Uint8Array(size * size).fill(255)),
          (map) => cut(map, container(map, size)),
        ),
        image: cropped,
      };
    },
  }),
});
