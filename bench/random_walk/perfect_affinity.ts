import type { Raster } from "seamstress";
import { fittingRadius, pixelPairs } from "seamstress/wsss";
import type { PairAffinity } from "../../plugins/affinitynet/random_walk/transition.ts";
import { mapClasses } from "./map_classes.ts";

/**
 * The affinities that a network would give which knew the mask: 1 where two pixels of the feature map are of one class, 0 elsewhere.
 * 255 counts as a class.
 *
 * @param mask of the size that the network sees
 * @param stride pixels per pixel of the map
 * @returns of all pairs, as the random walk takes them
 */
export function perfectAffinity(mask: Raster, stride: number): PairAffinity {
  const { rows, columns, data: classes } = mapClasses(mask, stride);
  const { from, to } = pixelPairs(rows, columns, fittingRadius(rows, columns));
  return {
    height: rows,
    width: columns,
    data: Float32Array.from(
      to,
      (second, pair) => Number(classes[second] === classes[from[pair % from.length]!]),
    ),
  };
}
