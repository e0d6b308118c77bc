/**
 * Rounds to the nearest integer, halves to the even one, as Python's `round` does; image sizes of the SEAM authors' code are
 * rounded this way.
 *
 * @param value any finite number
 * @returns the nearest integer; of two equally near ones the even one
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { roundHalfEven } from "seamstress";
 * assertEquals([0.5, 1.5, 2.5, 2.51].map(roundHalfEven), [0, 2, 2, 3]);
 * ```
 */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
