/** Smallest buffer, in bytes, that a free one is searched for. */
const SMALL = 2 ** 16;

/**
 * Largest ratio of a reused buffer's size to the tensor's: a ratio of 2 would save more allocations but waste more memory in use.
 */
const MOST = 1.5;

/**
 * Chooses a free buffer for a tensor when none of exactly its size is free. Images of different sizes need feature maps of
 * different sizes, and tfjs would keep separate free buffers for every size.
 *
 * @param bytes of the tensor
 * @param free sizes of free buffers
 * @param limit largest buffer that can be bound
 * @returns the smallest sufficient size, at most 1.5 times the tensor's; undefined where there is none
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reusableSize } from "./buffer_reuse.ts";
 * assertEquals(reusableSize(1e6, [9e5, 1.6e6, 1.4e6, 1.2e6], Infinity), 1.2e6);
 * assertEquals(reusableSize(1e6, [9e5, 1.6e6], Infinity), undefined);
 * ```
 */
export function reusableSize(
  bytes: number,
  free: Iterable<number>,
  limit: number,
): number | undefined {
  if (bytes < SMALL) return undefined;
  let best: number | undefined;
  const most = Math.min(MOST * bytes, limit);
  for (const size of free) {
    if (size >= bytes && size <= most && (best === undefined || size < best)) best = size;
  }
  return best;
}
