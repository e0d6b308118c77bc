/** A range of indices: `from` to `from + count`, the end excluded. */
export interface Range {
  readonly from: number;
  readonly count: number;
}

/**
 * Splits a length into as few ranges as possible, of nearly equal size.
 *
 * @param length to be cut, >= 1
 * @param most largest range, >= 1
 * @returns the ranges in order; none is empty
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { evenRanges } from "./even_ranges.ts";
 * assertEquals(evenRanges(10, 4), [
 *   { from: 0, count: 4 },
 *   { from: 4, count: 4 },
 *   { from: 8, count: 2 },
 * ]);
 * assertEquals(evenRanges(5, 4), [{ from: 0, count: 3 }, { from: 3, count: 2 }]);
 * ```
 */
export function evenRanges(length: number, most: number): Range[] {
  const step = Math.ceil(length / Math.ceil(length / most));
  const ranges: Range[] = [];
  for (let from = 0; from < length; from += step) {
    ranges.push({ from, count: Math.min(step, length - from) });
  }
  return ranges;
}
