import * as tf from "@tensorflow/tfjs";

/** An array's shape as seen by a reduction, `[outer,middle,inner]`: the middle axis is reduced. */
export interface ReducedAxes {
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/**
 * @param shape of an array
 * @param axes to reduce, each listed once
 * @returns the elements before, along and after them; undefined where they are not adjacent
 */
export function reducedAxes(
  shape: readonly number[],
  axes: readonly number[],
): ReducedAxes | undefined {
  const first = Math.min(...axes), last = Math.max(...axes);
  if (last - first + 1 !== axes.length) return undefined;
  const product = (from: number, to: number) => tf.util.sizeFromShape(shape.slice(from, to));
  return {
    outer: product(0, first),
    middle: product(first, last + 1),
    inner: product(last + 1, shape.length),
  };
}
