import { Rng } from "seamstress";

/** Numbers of a tensor, row-major. */
export interface Numbers {
  /** Sizes of the tensor. */
  readonly shape: readonly number[];
  /** As many as the shape has elements. */
  readonly data: Float64Array;
}

/**
 * Uniform random numbers, which float32 can hold.
 *
 * @param shape of the tensor
 * @param range lowest and highest; −1 to 1 unless given. Keep it off kinks, such as 0 under a root
 * @param name of the stream: the same name gives the same numbers
 * @returns the numbers
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { uniform } from "seamstress/testing";
 * assertEquals(uniform([2, 3]).data.length, 6);
 * assertEquals(uniform([4], [0, 1], "a"), uniform([4], [0, 1], "a"));
 * ```
 */
export function uniform(
  shape: readonly number[],
  [low, high]: readonly [number, number] = [-1, 1],
  name = "uniform",
): Numbers {
  const rng = Rng.of(0, name, ...shape);
  const length = shape.reduce((product, size) => product * size, 1);
  const data = Float64Array.from({ length }, () => Math.fround(rng.uniform(low, high)));
  return { shape, data };
}

/** The largest size of a number, 0 where there are none. */
export function largest(values: Iterable<number>): number {
  let found = 0;
  for (const value of values) {
    if (Number.isNaN(value)) return NaN;
    found = Math.max(found, Math.abs(value));
  }
  return found;
}

/**
 * The largest difference of two lists, in parts of a scale.
 *
 * @param found the one
 * @param wanted as many
 * @param scale what counts as 1; the largest of `wanted` unless given
 * @returns 0 where they are equal, Infinity or NaN where numbers are
 */
export function relativeDifference(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  scale: number = largest(Array.from(wanted)),
): number {
  if (found.length !== wanted.length) return Infinity;
  const difference = largest(Array.from(found, (value, i) => value - wanted[i]!));
  return difference === 0 ? 0 : difference / scale;
}
