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

/**
 * ReLU of a residual sum, as blocks end that activate behind it. Composed of `tf.add` and `tf.relu` it would keep three arrays of the
 * sum's size for the backward pass; this keeps only its result, which the next layer keeps anyway.
 *
 * @param a `[N,H,W,C]` float32
 * @param b the same shape
 * @returns `relu(a + b)`; the gradient at 0 is 0, as PyTorch's
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { residualRelu } from "./residual_sum.ts";
 * const x = tf.tensor4d([1, -3], [1, 1, 1, 2]);
 * assertEquals([...residualRelu(x, tf.onesLike(x)).dataSync()], [2, 0]);
 * ```
 */
export function residualRelu(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  tf.util.assertShapesMatch(a.shape, b.shape, "Cannot add a residual: ");
  const sum = tf.customGrad((...args) => {
    const [x, y, save] = args as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    const value = tf.relu(tf.add<tf.Tensor4D>(x, y));
    save([value]);
    const gradFunc = (dy: tf.Tensor4D, [result]: tf.Tensor[]) => {
      const dx = tf.mul<tf.Tensor4D>(dy, tf.step(result!));
      return [dx, dx.clone()];
    };
    return { value, gradFunc };
  });
  return sum(a, b);
}
