import * as tf from "@tensorflow/tfjs";

/** Distribution function of the standard normal; tfjs's erf is within 2e-7 of the real one. */
const normalCdf = (x: tf.Tensor4D) =>
  tf.mul<tf.Tensor4D>(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);

/** Its density. */
const normalDensity = (x: tf.Tensor4D) =>
  tf.mul<tf.Tensor4D>(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/**
 * Gaussian error linear unit (Hendrycks & Gimpel, arXiv 1606.08415), the exact one, PyTorch's default: x Φ(x). For the backward pass it
 * keeps `x` alone.
 *
 * @param x `[N,H,W,C]` float32
 * @returns the same shape
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { gelu } from "seamstress/ops";
 * const [y] = gelu(tf.tensor4d([1], [1, 1, 1, 1])).dataSync();
 * assertAlmostEquals(y!, 0.841345, 1e-6);
 * ```
 */
export function gelu(x: tf.Tensor4D): tf.Tensor4D {
  const unit = tf.customGrad((...args) => {
    const [input, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    const value = tf.tidy(() => tf.mul<tf.Tensor4D>(input, normalCdf(input)));
    save([input]);
    const gradFunc = (dy: tf.Tensor4D, [saved]: tf.Tensor[]) =>
      tf.tidy(() => {
        const x = saved as tf.Tensor4D;
        return tf.mul(dy, tf.add(normalCdf(x), tf.mul(x, normalDensity(x))));
      });
    return { value, gradFunc };
  });
  return unit(x);
}
