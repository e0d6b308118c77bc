/**
 * Pixels of an image, column by column as COCO counts them: position x·height + y. Pairs of a start and an end, the end not included, in
 * order, without overlap.
 */
export type Region = Float64Array;

/**
 * @param region pixels
 * @returns their number
 */
export function areaOf(region: Region): number {
  let area = 0;
  for (let i = 0; i < region.length; i += 2) area += region[i + 1]! - region[i]!;
  return area;
}

/**
 * Pixels of run lengths: of pixels outside, inside, outside, …
 *
 * @param runs lengths, the first of pixels outside
 * @returns the pixels
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { regionOfRuns } from "./region.ts";
 * assertEquals([...regionOfRuns([2, 3, 0, 1, 4])], [2, 6]);
 * ```
 */
export function regionOfRuns(runs: ArrayLike<number>): Region {
  const ends: number[] = [];
  for (let i = 0, at = 0; i < runs.length; i++) {
    const start = at;
    at += runs[i]!;
    if (i % 2 === 0 || at === start) continue;
    if (ends.at(-1) === start) ends[ends.length - 1] = at;
    else ends.push(start, at);
  }
  return Float64Array.from(ends);
}

/**
 * @param regions any number
 * @returns pixels of any of them
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { unionOf } from "./region.ts";
 * assertEquals([...unionOf([Float64Array.of(5, 9), Float64Array.of(0, 2, 4, 6)])], [0, 2, 4, 9]);
 * ```
 */
export function unionOf(regions: readonly Region[]): Region {
  if (regions.length === 1) return regions[0]!;
  const pairs = regions.flatMap((region) =>
    Array.from(
      { length: region.length / 2 },
      (_, i) => [region[2 * i]!, region[2 * i + 1]!] as const,
    )
  ).sort(([a], [b]) => a - b);
  const ends: number[] = [];
  for (const [start, end] of pairs) {
    const last = ends.length - 1;
    if (last > 0 && start <= ends[last]!) ends[last] = Math.max(ends[last]!, end);
    else ends.push(start, end);
  }
  return Float64Array.from(ends);
}
