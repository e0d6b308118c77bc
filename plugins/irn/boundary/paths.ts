import { pairOffsets } from "seamstress/wsss";

/** A place relative to a pair's first pixel. */
export type Place = readonly [dy: number, dx: number];

/**
 * The pixels on the way of a pair: those of the rectangle between the two that lie less than a pixel from the line. IRN (Ahn, Cho & Kwak,
 * CVPR 2019); author code jiwoon-ahn/irn, `misc/indexing.py`.
 *
 * @param offset of the pair's second pixel from its first
 * @returns places from the second pixel to the first, both among them
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pathOf } from "./paths.ts";
 * assertEquals(pathOf([0, 2]), [[0, 2], [0, 1], [0, 0]]);
 * assertEquals(pathOf([1, 1]), [[1, 1], [0, 1], [1, 0], [0, 0]]);
 * ```
 */
export function pathOf([dy, dx]: Place): readonly Place[] {
  const path: Place[] = [];
  const squared = dy * dy + dx * dx;
  for (let y = Math.min(0, dy); y <= Math.max(0, dy); y++) {
    for (let x = Math.min(0, dx); x <= Math.max(0, dx); x++) {
      if ((dy * x - dx * y) ** 2 / squared < 1) path.push([y, x]);
    }
  }
  const far = ([y, x]: Place) => Math.abs(y) + Math.abs(x);
  return path.sort((a, b) => far(b) - far(a));
}

/** A pair's offset, and the pixels on its way. */
export interface PairPath {
  readonly offset: Place;
  readonly path: readonly Place[];
}

/**
 * The paths of every pair within a radius.
 *
 * @param radius all offsets are shorter than it
 * @returns in the order of `pairOffsets(radius)`
 */
export function pairPaths(radius: number): readonly PairPath[] {
  return pairOffsets(radius).map((offset) => ({ offset, path: pathOf(offset) }));
}
