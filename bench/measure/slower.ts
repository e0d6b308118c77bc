import { digits } from "./digits.ts";
import { print } from "./print.ts";

/** What a line of {@linkcode printSlower} begins with, which bench/all.ts looks for. */
export const SLOWER = "SLOWER: ";

/** A case with less than this much more time than its baseline is as fast: repeated measurements differ by as much. */
const WITHIN = 1.02;

/** Times of a case's implementations, the least of each, the baseline first. */
export type LeastTimes = Readonly<Record<string, number>>;

/**
 * Finds implementations that take longer than the baseline of their case.
 *
 * @param cases times by case; what does not claim to be fast, such as a computation that saves memory, is left out of them
 * @returns a line each, the slowest first
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { slowerOf } from "./slower.ts";
 * const cases = { conv: { "tfjs's own": 10, ours: 12 }, matMul: { "tfjs's own": 10, ours: 2 } };
 * assertEquals(slowerOf(cases), ["conv: ours takes 1.2 times as long as tfjs's own"]);
 * ```
 */
export function slowerOf(cases: Readonly<Record<string, LeastTimes>>): string[] {
  return Object.entries(cases).flatMap(([name, times]) => {
    const [[baseline, base] = ["", NaN], ...others] = Object.entries(times);
    return others.map(([other, time]) => ({ name, baseline, other, factor: time / base }));
  }).filter(({ factor }) => factor > WITHIN)
    .toSorted((a, b) => b.factor - a.factor)
    .map(({ name, baseline, other, factor }) =>
      `${name}: ${other} takes ${digits(factor)} times as long as ${baseline}`
    );
}

/**
 * Prints implementations that take longer than the baseline of their case.
 *
 * @param cases times by case
 */
export function printSlower(cases: Readonly<Record<string, LeastTimes>>): void {
  for (const line of slowerOf(cases)) print(SLOWER + line);
}
