import { checkPixel, fittingRadius, pixelPairs, walkSteps } from "seamstress/wsss";
import { type PairAffinity, transitionMatrix } from "./transition.ts";
import type { WalkOptions } from "./walk.ts";

/**
 * How alike a pixel is to those that AffinityNet pairs it with, all closer than the radius.
 *
 * @param affinity of pixel pairs
 * @param pixel y * width + x, of the feature map
 * @returns `[height*width]`: 1 for the pixel itself, 0 for pixels that it is in no pair with
 * @throws {RangeError} where there is no such pixel
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affinityOfPixel } from "./pixel.ts";
 * // The map of 5x5 pixels has 12 first pixels, of 4 pairs each: the fifth is pixel 7, whose first pair is with its right neighbour.
 * const data = new Float32Array(48);
 * data[4] = 0.5;
 * const affinity = { height: 5, width: 5, data };
 * assertEquals([...affinityOfPixel(affinity, 7).slice(6, 9)], [0, 1, 0.5]);
 * assertEquals([...affinityOfPixel(affinity, 8).slice(6, 9)], [0, 0.5, 1]);
 * ```
 */
export function affinityOfPixel(affinity: PairAffinity, pixel: number): Float32Array {
  checkPixel(affinity, pixel, "look at");
  const { width, height, data } = affinity;
  const { from, to } = pixelPairs(height, width, fittingRadius(height, width));
  const row = new Float32Array(width * height);
  row[pixel] = 1;
  for (const [pair, second] of to.entries()) {
    const first = from[pair % from.length]!;
    if (first === pixel) row[second] = data[pair]!;
    if (second === pixel) row[first] = data[pair]!;
  }
  return row;
}

/**
 * What a score of 1 at one pixel, and 0 elsewhere, becomes by the random walk: how much of every pixel's score comes from there.
 *
 * @param affinity of pixel pairs
 * @param pixel y * width + x, of the feature map
 * @param options powers of affinity and of steps
 * @returns `[height*width]`
 * @throws {RangeError} where there is no such pixel, or an affinity is no number >= 0
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { walkFromPixel } from "./pixel.ts";
 * const alone = { height: 1, width: 3, data: new Float32Array(0) };
 * assertEquals(walkFromPixel(alone, 1, { beta: 8, logt: 6 }), Float32Array.of(0, 1, 0));
 * ```
 */
export function walkFromPixel(
  affinity: PairAffinity,
  pixel: number,
  { beta, logt }: Pick<WalkOptions, "beta" | "logt">,
): Float32Array {
  checkPixel(affinity, pixel, "look at");
  const score = new Float64Array(affinity.width * affinity.height);
  score[pixel] = 1;
  return Float32Array.from(walkSteps(transitionMatrix(affinity, beta), score, 2 ** logt));
}
