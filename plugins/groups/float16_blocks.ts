/** Numbers that share a factor. */
export const BLOCK = 256;

/** Words of four bytes that a block takes: its factor, and two numbers each. */
export const BLOCK_WORDS = 1 + BLOCK / 2;

/** Bits of a float32. */
const MAGNITUDE = 0x7fffffff, FRACTION_BITS = 23, BIAS = 127;

/** Exponent that the largest number of a block gets; a float16 holds up to 15. */
const TOP = 14;

/** Exponents of factors whose inverse is a normal float32 too. */
const MOST = 126;

/**
 * Words that numbers take once they are packed.
 *
 * @param numbers how many
 * @returns whole blocks
 */
export function packedWords(numbers: number): number {
  return Math.ceil(numbers / BLOCK) * BLOCK_WORDS;
}

/**
 * Packs numbers into float16, each block of 256 times a power of two of its own, so that gradients neither overflow nor vanish: a number
 * keeps 11 bits, unless it is less than 2^-28 of the largest of its block. Infinite numbers and NaN stay what they are.
 *
 * @param numbers any
 * @param into {@linkcode packedWords} words
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pack, packedWords, unpack } from "./float16_blocks.ts";
 * const numbers = new Float32Array([1e-9, -3e-9, 0]);
 * const packed = new Float32Array(packedWords(numbers.length));
 * pack(numbers, packed);
 * const again = new Float32Array(numbers.length);
 * unpack(packed, again);
 * assertEquals([...again].map((x) => x.toPrecision(3)), ["1.00e-9", "-3.00e-9", "0.00"]);
 * ```
 */
export function pack(numbers: Float32Array, into: Float32Array): void {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const halves = new Float16Array(into.buffer, into.byteOffset, 2 * into.length);
  for (let from = 0, word = 0; from < numbers.length; from += BLOCK, word += BLOCK_WORDS) {
    const to = Math.min(from + BLOCK, numbers.length);
    let largest = 0;
    for (let i = from; i < to; i++) {
      const magnitude = bits[i]! & MAGNITUDE;
      if (magnitude > largest) largest = magnitude;
    }
    const factor = 2 ** exponentFor(largest >>> FRACTION_BITS);
    into[word] = 1 / factor;
    for (let i = from, half = 2 * (word + 1); i < to; i++, half++) {
      halves[half] = numbers[i]! * factor;
    }
  }
}

/** @param exponent of the largest number of a block, with its bias */
function exponentFor(exponent: number): number {
  // Infinite or NaN.
  if (exponent === 255) return 0;
  return Math.min(MOST, TOP - (exponent - BIAS));
}

/**
 * Unpacks what {@linkcode pack} made.
 *
 * @param packed whole blocks
 * @param into gets as many numbers as it holds
 */
export function unpack(packed: Float32Array, into: Float32Array): void {
  const halves = new Float16Array(packed.buffer, packed.byteOffset, 2 * packed.length);
  for (let from = 0, word = 0; from < into.length; from += BLOCK, word += BLOCK_WORDS) {
    const factor = packed[word]!;
    const to = Math.min(from + BLOCK, into.length);
    for (let i = from, half = 2 * (word + 1); i < to; i++, half++) into[i] = halves[half]! * factor;
  }
}
