/**
 * Tommy Ettinger's mulberry32: a small generator of 32 bits of state. The generated world is defined by it, apart from the
 * recipe's own seed, so that a scene is the same scene in every run.
 *
 * @param seed any integer; its low 32 bits count
 * @returns a function that gives the next number, uniform in [0, 1)
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
