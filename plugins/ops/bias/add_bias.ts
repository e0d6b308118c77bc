import * as tf from "@tensorflow/tfjs";

/**
 * Adds a layer's bias. `tf.add` would keep the layer's result for the backward pass, which needs only its shape; this keeps nothing.
 *
 * @param x `[N,H,W,C]` float32
 * @param bias `[C]`
 * @returns `x + bias`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { addBias } from "seamstress/ops";
 * const x = tf.tensor4d([1, -3], [1, 1, 1, 2]);
 * assertEquals([...addBias(x, tf.tensor1d([1, 2])).dataSync()], [2, -1]);
 * ```
 */
export function addBias(x: tf.Tensor4D, bias: tf.Tensor): tf.Tensor4D {
  const layer = tf.customGrad((...args) => {
    const [input, shift] = args as [tf.Tensor4D, tf.Tensor1D];
    const value = tf.add<tf.Tensor4D>(input, shift);
    return { value, gradFunc: (dy: tf.Tensor4D) => [dy.clone(), tf.sum(dy, [0, 1, 2])] };
  });
  return layer(x, bias);
}
