/**
 * Counter-based random streams: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) keyed by a
 * hash of what the stream is for. No global state: the same (seed, purpose, epoch, index) gives the same numbers in any Worker,
 * in any order, and after a resume.
 */

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;
const ROUNDS = 10;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** One Philox4x32-10 block: counter and key → four uint32, written to `out`. */
function philox(counter: Uint32Array, key0: number, key1: number, out: Uint32Array): void {
  let c0 = counter[0]!, c1 = counter[1]!, c2 = counter[2]!, c3 = counter[3]!;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(M0, c0), low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2), low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ key0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ key1) >>> 0;
    c3 = low0;
    key0 = (key0 + W0) >>> 0;
    key1 = (key1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** MurmurHash3's 32-bit mix of a text; `seed` gives independent hashes. */
function hash(text: string, seed: number): number {
  let h = seed >>> 0;
  for (let i = 0; i < text.length; i++) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A random stream. */
export class Rng {
  readonly #key: string;
  readonly #key0: number;
  readonly #key1: number;
  readonly #counter = new Uint32Array(4);
  readonly #block = new Uint32Array(4);
  #used = 4;

  private constructor(key: string) {
    this.#key = key;
    this.#key0 = hash(key, 0x5ea3);
    this.#key1 = hash(key, 0xc0de);
  }

  /**
   * Derives the stream of a purpose.
   *
   * @param seed the recipe's seed
   * @param parts what the stream is for, such as `"augment", epoch, index`
   * @returns a stream at its start
   *
   * @example
   * ```ts
   * import { assertEquals, assertNotEquals } from "@std/assert";
   * import { Rng } from "./rng.ts";
   * const a = Rng.of(1, "augment", 0, 7), b = Rng.of(1, "augment", 0, 7), c = Rng.of(1, "augment", 0, 8);
   * const first = a.float();
   * assertEquals(first, b.float());
   * assertNotEquals(first, c.float());
   * ```
   */
  static of(seed: number, ...parts: readonly (string | number)[]): Rng {
    return new Rng(JSON.stringify([seed, ...parts]));
  }

  /**
   * Derives a stream below this one; does not depend on how much of this one was drawn.
   *
   * @param parts what the stream is for
   * @returns a stream at its start
   */
  child(...parts: readonly (string | number)[]): Rng {
    return new Rng(this.#key + JSON.stringify(parts));
  }

  /** Draws bits. @returns the next 32 bits, 0 .. 2^32 - 1 */
  uint32(): number {
    if (this.#used === 4) {
      philox(this.#counter, this.#key0, this.#key1, this.#block);
      this.#counter[0]! += 1;
      if (this.#counter[0] === 0) this.#counter[1]! += 1;
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  /** Draws a fraction. @returns uniform in [0, 1), 32 bits of resolution */
  float(): number {
    return this.uint32() / 0x100000000;
  }

  /**
   * Draws a number of an interval.
   *
   * @param low smallest value
   * @param high bound, not reached
   * @returns uniform in [low, high)
   */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  /**
   * Draws one of several outcomes, without bias.
   *
   * @param count number of outcomes, 1 .. 2^32
   * @returns uniform integer in 0 .. count - 1
   */
  integer(count: number): number {
    return Math.floor(this.float() * count);
  }

  /** Draws of a bell curve. @returns standard normal (Box-Muller) */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  /**
   * Draws an order.
   *
   * @param count number of elements
   * @returns the indices 0 .. count - 1 in random order (Fisher-Yates)
   */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = order[i]!;
      order[i] = order[j]!;
      order[j] = held;
    }
    return order;
  }
}
