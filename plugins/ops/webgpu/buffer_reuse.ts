/** Buffers below are not worth a search. */
const SMALL = 2 ** 16;

/** What a buffer may be larger than what it is used for: at twice the size, less would be allocated, and more wasted in use. */
const MOST = 1.5;

/**
 * Chooses a free buffer for a tensor that none of its own size is free for: an image in another size needs maps in other sizes, of
 * which tfjs would keep those of every size.
 *
 * @param bytes of the tensor
 * @param free sizes of free buffers
 * @param limit largest buffer that can be bound
 * @returns the least size that is enough and at most half as large again; undefined where there is none
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
