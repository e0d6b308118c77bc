/**
 * Formats a duration as readable text.
 *
 * @param seconds >= 0
 * @returns such as `42s`, `3m 05s` or `1h 02m`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatDuration } from "seamstress";
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
