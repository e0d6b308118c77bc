import * as tf from "@tensorflow/tfjs";
import { checkCount } from "./check_count.ts";
import { selectLargestOp } from "./select_largest.ts";

/**
 * Mean of the k largest elements of each row; SEAM's online hard example mining. The gradient goes to exactly k elements of a row,
 * the first ones where some tie with the k-th. NaN counts as largest, so it is never hidden.
 *
 * @param x `[N,M]` float32
 * @param k how many, 1 .. M
 * @returns `[N]` float32
 * @throws RangeError where k is no integer in 1 .. M
 * @throws Error where the current backend was not prepared by this project
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { installOps, meanOfLargest } from "seamstress/ops";
 * installOps("cpu");
 * await tf.setBackend("cpu");
 * const x = tf.tensor2d([[5, 1, 3, 3]]);
 * assertEquals([...await meanOfLargest(x, 2).data()], [4]);
 * assertEquals([...await tf.grad((x) => meanOfLargest(x as tf.Tensor2D, 2))(x).data()], [0.5, 0, 0.5, 0]);
 * ```
 */
export function meanOfLargest(x: tf.Tensor2D, k: number): tf.Tensor1D {
  checkCount("take", x, k, 1);
  const op = tf.customGrad((input, save) => {
    const rows = input as tf.Tensor2D;
    const mask = selectLargestOp.run({ x: rows }, { count: k });
    (save as tf.GradSaveFunc)([mask]);
    // Selects instead of multiplying by the mask: infinity times 0 would be NaN.
    const chosen = tf.where(tf.cast(mask, "bool"), rows, tf.zerosLike(rows));
    return {
      value: tf.div(tf.sum(chosen, 1), k),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.mul(saved[0]!, tf.div(dy, k).expandDims(1)),
    };
  });
  return op(x) as tf.Tensor1D;
}

/**
 * Mean of the k smallest elements of each row; see {@linkcode meanOfLargest}.
 *
 * @param x `[N,M]` float32
 * @param k how many, 1 .. M
 * @returns `[N]` float32
 * @throws RangeError where k is no integer in 1 .. M
 */
export function meanOfSmallest(x: tf.Tensor2D, k: number): tf.Tensor1D {
  return tf.neg(meanOfLargest(tf.neg(x), k));
}
