/**
 * Writes a duration for people.
 *
 * @param seconds >= 0
 * @returns such as `42s`, `3m 05s` or `1h 02m`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDuration } from "./format.ts";
 * assertEquals([0.4, 42, 185, 3725].map(formatDuration), ["0.4s", "42s", "3m 05s", "1h 02m"]);
 * ```
 */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  const two = (count: number) => String(count).padStart(2, "0");
  if (minutes < 60) return `${minutes}m ${two(whole % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
}

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
