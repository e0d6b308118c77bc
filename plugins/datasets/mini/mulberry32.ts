/**
 * Tommy Ettinger's mulberry32: a small random number generator with 32 bits of state. The generated data set uses it instead of the
 * recipe's seed, so that every run sees the same pictures.
 *
 * @param seed any integer, of which the low 32 bits are used
 * @returns a function that returns the next number, uniform in [0, 1)
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mulberry32 } from "./mulberry32.ts";
 * const random = mulberry32(1);
 * assertEquals([random(), random()], [0.6270739405881613, 0.002735721180215478]);
 * ```
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
