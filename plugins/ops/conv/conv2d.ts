import * as tf from "@tensorflow/tfjs";
import type { ConvOptions } from "./geometry.ts";

/**
 * 2-d convolution without bias (cross-correlation, as PyTorch's `conv2d`). Differentiable with any stride or dilation once the
 * backend was prepared: its gradient is the one that `installFixes` registers for tfjs's `Conv2D`.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,D]` float32 (HWIO)
 * @param options stride and dilation, of which one must be 1, and padding
 * @returns `[N,h',w',D]` float32
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { conv2d } from "./conv2d.ts";
 * await tf.setBackend("cpu");
 * const y = conv2d(tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), { dilation: 2, pad: 2 });
 * assertEquals(y.shape, [1, 5, 5, 4]);
 * assertEquals((await y.data())[0], 8);
 * ```
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvOptions): tf.Tensor4D {
  return tf.conv2d(x, filter, options.stride ?? 1, options.pad, "NHWC", options.dilation ?? 1);
}
