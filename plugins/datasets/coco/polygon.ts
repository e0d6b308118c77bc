import type { Region } from "./region.ts";

/** Steps per pixel along an outline. */
const SCALE = 5;

/** To the grid of steps, as a cast to int rounds after adding a half: towards 0. */
const toGrid = (coordinate: number) => Math.trunc(SCALE * coordinate + 0.5);

/**
 * @param polygon x, y, x, y, …
 * @returns steps along its outline, which is what drawing it costs
 */
export function stepsOf(polygon: ArrayLike<number>): number {
  let steps = 0;
  for (let i = 0; i < polygon.length; i += 2) {
    const j = (i + 2) % polygon.length;
    const dx = Math.abs(toGrid(polygon[j]!) - toGrid(polygon[i]!));
    const dy = Math.abs(toGrid(polygon[j + 1]!) - toGrid(polygon[i + 1]!));
    steps += Math.max(dx, dy) + 1;
  }
  return steps;
}

/** Calls `each` with the points of a line on the grid, from its start to its end. */
function walk(
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  each: (x: number, y: number) => void,
): void {
  const dx = Math.abs(x1 - x0), dy = Math.abs(y1 - y0);
  const isFlat = dx >= dy;
  const isBackward = isFlat ? x0 > x1 : y0 > y1;
  // Slopes are taken from the end with the smaller coordinate, so that two polygons that share an edge share its points.
  const [xs, ys, xe, ye] = isBackward ? [x1, y1, x0, y0] : [x0, y0, x1, y1];
  const steps = isFlat ? dx : dy;
  const slope = steps === 0 ? 0 : (isFlat ? ye - ys : xe - xs) / steps;
  for (let d = 0; d <= steps; d++) {
    const t = isBackward ? steps - d : d;
    if (isFlat) each(t + xs, Math.trunc(ys + slope * t + 0.5));
    else each(Math.trunc(xs + slope * t + 0.5), t + ys);
  }
}

/**
 * The pixels of a polygon exactly as pycocotools draws it (`rleFrPoly`): its outline is walked in fifths of a pixel; wherever it crosses the
 * middle of a column, the column's pixels from there on change between outside and inside. Crossings are even-odd, so that a polygon which
 * crosses itself has holes.
 *
 * @param polygon x, y, x, y, … in pixels; may leave the image
 * @param height of the image
 * @param width of the image
 * @returns the pixels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { regionOfPolygon } from "./polygon.ts";
 * // Rows 1 and 2 of columns 1 and 2 of a 4x4 image
 * assertEquals([...regionOfPolygon([1, 1, 3, 1, 3, 3, 1, 3], 4, 4)], [5, 7, 9, 11]);
 * ```
 */
export function regionOfPolygon(
  polygon: ArrayLike<number>,
  height: number,
  width: number,
): Region {
  const changes: number[] = [];
  let xBefore = NaN, yBefore = NaN;
  const step = (x: number, y: number) => {
    if (x !== xBefore && !Number.isNaN(xBefore)) {
      const column = ((x < xBefore ? x : x - 1) + 0.5) / SCALE - 0.5;
      if (Number.isInteger(column) && column >= 0 && column <= width - 1) {
        const row = ((y < yBefore ? y : yBefore) + 0.5) / SCALE - 0.5;
        changes.push(column * height + Math.ceil(Math.min(Math.max(row, 0), height)));
      }
    }
    xBefore = x;
    yBefore = y;
  };
  const points = polygon.length / 2;
  const pointAt = (i: number) =>
    [toGrid(polygon[2 * (i % points)]!), toGrid(polygon[2 * (i % points) + 1]!)] as const;
  for (let i = 0; i < points; i++) walk(pointAt(i), pointAt(i + 1), step);
  return regionOfChanges(Float64Array.from(changes).sort(), height * width);
}

/** Pixels between odd and even changes; two changes at one place cancel each other. */
function regionOfChanges(changes: Float64Array, pixels: number): Region {
  const ends: number[] = [];
  for (const at of [...changes, ...changes.length % 2 === 1 ? [pixels] : []]) {
    if (ends.at(-1) === at) ends.pop();
    else ends.push(at);
  }
  return Float64Array.from(ends);
}
