/** Bytes of a cache line. */
const LINE = 64;

/**
 * Rounds a step between rows that are read or written side by side: at a power of two they would share few of a cache's places.
 *
 * @param bytes at least
 * @returns an odd number of cache lines, in bytes
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { oddLines } from "./odd_lines.ts";
 * assertEquals([1, 64, 65, 128, 192].map(oddLines), [64, 64, 192, 192, 192]);
 * ```
 */
export function oddLines(bytes: number): number {
  const lines = Math.ceil(bytes / LINE);
  return (lines + 1 - lines % 2) * LINE;
}
