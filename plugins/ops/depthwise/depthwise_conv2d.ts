import * as tf from "@tensorflow/tfjs";
import type { ConvOptions } from "../conv/geometry.ts";

/**
 * Depthwise 2-d convolution without bias: each channel with its own filter. Differentiable with any stride or dilation once the
 * backend was prepared.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,1]` float32
 * @param options stride and dilation, of which one must be 1, and padding
 * @returns `[N,h',w',C]` float32
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { depthwiseConv2d } from "./depthwise_conv2d.ts";
 * await tf.setBackend("cpu");
 * const y = depthwiseConv2d(tf.ones([1, 4, 4, 3]), tf.ones([3, 3, 3, 1]), { stride: 2, pad: 1 });
 * assertEquals(y.shape, [1, 2, 2, 3]);
 * assertEquals((await y.data())[0], 4);
 * ```
 */
export function depthwiseConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: ConvOptions,
): tf.Tensor4D {
  const { stride = 1, dilation = 1, pad } = options;
  return tf.depthwiseConv2d(x, filter, stride, pad, "NHWC", dilation);
}
