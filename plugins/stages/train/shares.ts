import type { Rows } from "seamstress/wsss";

/**
 * Finds among how many ranks the micro-batches of a step can be shared so that their sum keeps its bits: each rank gets the same number
 * of them, a power of 2, which a balanced tree adds up before it adds others.
 *
 * @param micros micro-batches of a step
 * @returns the counts, from 1 on
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { allowedRanks } from "./shares.ts";
 * assertEquals(allowedRanks(8), [1, 2, 4, 8]);
 * assertEquals(allowedRanks(6), [1, 3, 6]);
 * ```
 */
export function allowedRanks(micros: number): readonly number[] {
  return Array.from({ length: micros }, (_, i) => i + 1).filter((ranks) =>
    ranks === 1 || micros % ranks === 0 && Number.isInteger(Math.log2(micros / ranks))
  );
}

/**
 * Finds among how many ranks a batch can be divided evenly.
 *
 * @param size samples of the batch
 * @param most ranks that there are
 * @returns the largest count
 */
export function evenRanks(size: number, most: number): number {
  let ranks = Math.min(size, most);
  while (size % ranks !== 0) ranks--;
  return ranks;
}

/**
 * Finds the rows of each batch that a rank computes.
 *
 * @param size samples of the batch
 * @param micro samples of a micro-batch
 * @param group the rank, and how many there are
 * @returns consecutive rows; undefined where it computes all
 */
export function rowsOf(
  size: number,
  micro: number,
  group: { readonly rank: number; readonly size: number },
): Rows | undefined {
  if (group.size === 1) return undefined;
  const each = Math.ceil(size / micro) / group.size * micro;
  return { from: group.rank * each, to: Math.min((group.rank + 1) * each, size) };
}
