/**
 * Writes a measured number with three significant digits.
 *
 * @param value any number
 * @returns such as `0.0213`, `4.50`, `1.2e-7`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatNumber } from "./format.ts";
 * assertEquals([0.021301, 4.5, 312.4, 1.234e-7, 0].map(formatNumber), ["0.0213", "4.50", "312", "1.23e-7", "0"]);
 * ```
 */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100 && size < 1e6) return value.toFixed(0);
  return size < 1e-4 || size >= 1e6 ? value.toExponential(2) : value.toPrecision(3);
}
