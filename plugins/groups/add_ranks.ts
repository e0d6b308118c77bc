import { TreeSum } from "seamstress";
import { BLOCK, BLOCK_WORDS, pack, unpack } from "./float16_blocks.ts";

/**
 * Adds up the numbers of ranks into those of the first, elementwise, in the order that groups promise: a rank that added up its
 * micro-batches by the same tree before goes on with it.
 *
 * @param ranks numbers of each, as many of all; those of others than the first are used up
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addRanks } from "./add_ranks.ts";
 * const ranks = [[1, 2], [3, 4], [5, 6]].map((numbers) => Float32Array.from(numbers));
 * addRanks(ranks);
 * assertEquals([...ranks[0]!], [9, 12]);
 * ```
 */
export function addRanks(ranks: readonly Float32Array[]): void {
  const sum = new TreeSum(addTo);
  for (const numbers of ranks) sum.add(numbers);
  sum.end();
}

/**
 * Adds up numbers of ranks as {@linkcode addRanks} does, packed before and after.
 *
 * @param ranks whole blocks that `pack` made, as many of each; the first gets the sum
 */
export function addPackedRanks(ranks: readonly Float32Array[]): void {
  const parts = ranks.map((packed) => {
    const numbers = new Float32Array(packed.length / BLOCK_WORDS * BLOCK);
    unpack(packed, numbers);
    return numbers;
  });
  addRanks(parts);
  pack(parts[0]!, ranks[0]!);
}

function addTo(sum: Float32Array, part: Float32Array): Float32Array {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
  return sum;
}
