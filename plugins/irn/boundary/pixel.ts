import { checkPixel } from "seamstress/wsss";
import { type Boundaries, type BoundaryWalkOptions, walkMaps } from "./boundary_walk.ts";
import { pairPaths } from "./paths.ts";

/**
 * How alike a pixel is to those near it by the class boundaries between them: 1 − the strongest boundary on the way, as a step of the walk
 * has it before its power.
 *
 * @param boundaries of the image
 * @param pixel y * width + x, of their map
 * @param radius pairs are closer than it
 * @returns `[height*width]`: 1 for the pixel itself, 0 for pixels that it is in no pair with
 * @throws {RangeError} where there is no such pixel
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boundaryAffinityOfPixel } from "./pixel.ts";
 * const boundaries = { height: 1, width: 4, data: Float32Array.of(0, 0, 0.75, 0) };
 * assertEquals([...boundaryAffinityOfPixel(boundaries, 1, 3)], [1, 1, 0.25, 0.25]);
 * ```
 */
export function boundaryAffinityOfPixel(
  boundaries: Boundaries,
  pixel: number,
  radius: number,
): Float32Array {
  checkPixel(boundaries, pixel, "look at");
  const { width, height, data } = boundaries;
  const y = Math.floor(pixel / width), x = pixel % width;
  const row = new Float32Array(width * height);
  row[pixel] = 1;
  // The pixel is the first of a pair, or its second.
  for (const { offset, path } of pairPaths(radius)) {
    for (const sign of [1, -1]) {
      const otherY = y + sign * offset[0], otherX = x + sign * offset[1];
      if (otherY < 0 || otherY >= height || otherX < 0 || otherX >= width) continue;
      const [firstY, firstX] = sign > 0 ? [y, x] : [otherY, otherX];
      let most = 0;
      for (const [dy, dx] of path) {
        most = Math.max(most, data[(firstY + dy) * width + firstX + dx]!);
      }
      row[otherY * width + otherX] = 1 - most;
    }
  }
  return row;
}

/**
 * What a score of 1 at one pixel, and 0 elsewhere, becomes by the walk within class boundaries: how much of every pixel's score comes from
 * there. What stands on a boundary does not walk.
 *
 * @param boundaries of the image
 * @param pixel y * width + x, of their map
 * @param options of the walk
 * @returns `[height*width]`
 * @throws {RangeError} where there is no such pixel
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { boundaryWalkFromPixel } from "./pixel.ts";
 * const boundaries = { height: 1, width: 3, data: Float32Array.of(0, 0.5, 0) };
 * assertEquals(
 *   boundaryWalkFromPixel(boundaries, 1, { beta: 1, logt: 0, radius: 2 })[1],
 *   0.25,
 * );
 * ```
 */
export function boundaryWalkFromPixel(
  boundaries: Boundaries,
  pixel: number,
  options: Omit<BoundaryWalkOptions, "stride">,
): Float32Array {
  checkPixel(boundaries, pixel, "look at");
  const score = new Float64Array(boundaries.width * boundaries.height);
  score[pixel] = 1;
  return Float32Array.from(walkMaps(score, boundaries, options));
}
