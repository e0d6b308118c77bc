import * as tf from "@tensorflow/tfjs";

/** An array as a reduction sees it: the middle goes. */
export interface Sections {
  readonly outer: number;
  readonly middle: number;
  readonly inner: number;
}

/**
 * @param shape of an array
 * @param axes that are reduced, each once
 * @returns its sections; undefined where the axes are no neighbours
 */
export function sectionsOf(
  shape: readonly number[],
  axes: readonly number[],
): Sections | undefined {
  const first = Math.min(...axes), last = Math.max(...axes);
  if (last - first + 1 !== axes.length) return undefined;
  const product = (from: number, to: number) => tf.util.sizeFromShape(shape.slice(from, to));
  return {
    outer: product(0, first),
    middle: product(first, last + 1),
    inner: product(last + 1, shape.length),
  };
}
