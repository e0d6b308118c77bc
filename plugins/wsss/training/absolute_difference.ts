import * as tf from "@tensorflow/tfjs";

/**
 * |a − b| with gradient 0 where the two are equal, as PyTorch's. The gradient of `tf.abs` at 0 is −1, and CAMs of absent classes
 * are equal everywhere.
 *
 * @param a any shape, float32
 * @param b the same shape
 * @returns the same shape
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { absoluteDifference } from "seamstress/wsss";
 * const a = tf.tensor1d([1, 2, 5]);
 * const slope = tf.grad((b) => absoluteDifference(a, b).sum())(tf.tensor1d([2, 2, 2]));
 * assertEquals([...slope.dataSync()], [1, 0, -1]);
 * ```
 */
export function absoluteDifference<T extends tf.Tensor>(a: T, b: T): T {
  tf.util.assertShapesMatch(a.shape, b.shape, "Cannot compare: ");
  const absolute = tf.customGrad((...args) => {
    const [x, y, save] = args as [T, T, tf.GradSaveFunc];
    const difference = tf.sub<T>(x, y);
    save([difference]);
    const gradFunc = (dy: T, [d]: tf.Tensor[]) => {
      const slope = tf.mul(dy, tf.sign(d!));
      return [slope, tf.neg(slope)];
    };
    return { value: tf.abs(difference), gradFunc };
  });
  return absolute(a, b);
}
