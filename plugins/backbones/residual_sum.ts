import * as tf from "@tensorflow/tfjs";

/**
 * Adds two tensors of one shape: a residual connection.
 *
 * `tf.add` keeps both summands until the backward pass, which needs only their shapes; over a deep network that is half of all
 * memory. This keeps neither.
 *
 * @param a `[N,H,W,C]` float32
 * @param b the same shape
 * @returns `a + b`; both gradients are the output's
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { residualSum } from "./residual_sum.ts";
 * const ones = tf.ones<tf.Rank.R4>([1, 1, 1, 2]);
 * assertEquals([...residualSum(ones, ones).dataSync()], [2, 2]);
 * ```
 */
export function residualSum(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  tf.util.assertShapesMatch(a.shape, b.shape, "Cannot add a residual: ");
  const sum = tf.customGrad((...inputs) => {
    const [x, y] = inputs as [tf.Tensor4D, tf.Tensor4D];
    const value = tf.add<tf.Tensor4D>(x, y);
    return { value, gradFunc: (dy: tf.Tensor4D) => [dy.clone(), dy.clone()] };
  });
  return sum(a, b);
}
