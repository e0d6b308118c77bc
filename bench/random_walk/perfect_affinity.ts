import type { Raster } from "seamstress";
import { fittingRadius, pixelPairs } from "seamstress/wsss";
import type { PairAffinity } from "../../plugins/affinitynet/random_walk/transition.ts";

/**
 * The affinities that a network would give which knew the mask: 1 where two pixels of the feature map are of one class, 0 elsewhere. A
 * pixel of the map is of the class in the middle of its square; 255 counts as a class.
 *
 * @param mask of the size that the network sees
 * @param stride pixels per pixel of the map
 * @returns of all pairs, as the random walk takes them
 */
export function perfectAffinity(
  { width, height, data }: Raster,
  stride: number,
): PairAffinity {
  const rows = Math.ceil(height / stride), columns = Math.ceil(width / stride);
  const middle = (at: number, side: number) => Math.min(at * stride + stride / 2, side - 1);
  const classAt = (pixel: number) => {
    const y = middle(Math.floor(pixel / columns), height), x = middle(pixel % columns, width);
    return data[y * width + x];
  };
  const { from, to } = pixelPairs(rows, columns, fittingRadius(rows, columns));
  return {
    height: rows,
    width: columns,
    data: Float32Array.from(
      to,
      (second, pair) => Number(classAt(second) === classAt(from[pair % from.length]!)),
    ),
  };
}
