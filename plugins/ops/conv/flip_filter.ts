import type * as tf from "@tensorflow/tfjs";
import { FLIP_FILTER, runOwnKernel } from "../own_kernels.ts";

/**
 * The filter of a convolution's input gradient: turned upside down and left to right, with input and output channels swapped.
 *
 * @param filter `[kh,kw,C,D]`
 * @returns `[kh,kw,D,C]`
 */
export function flipFilter(filter: tf.Tensor4D): tf.Tensor4D {
  return runOwnKernel<tf.Tensor4D>(FLIP_FILTER, { filter }, {}) ??
    filter.reverse([0, 1]).transpose<tf.Tensor4D>([0, 1, 3, 2]);
}
