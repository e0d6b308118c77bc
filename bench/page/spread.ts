/** Arithmetic mean. @param values at least one @returns it */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * A number that several runs have: mean (lowest – highest).
 *
 * @param values of the runs, at least one
 * @param places behind the point
 * @returns text; of one value that value alone
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { spread } from "./spread.ts";
 * assertEquals([spread([50, 53]), spread([50])], ["51.5 (50.0 – 53.0)", "50.0"]);
 * ```
 */
export function spread(values: readonly number[], places = 1): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((v) => v.toFixed(places));
  const middle = mean(values).toFixed(places);
  return values.length === 1 ? middle : `${middle} (${low} – ${high})`;
}
