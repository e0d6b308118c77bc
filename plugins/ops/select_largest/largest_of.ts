import * as tf from "@tensorflow/tfjs";
import { checkCount } from "./check_count.ts";
import { selectLargestOp } from "./select_largest.ts";

/**
 * Marks the k largest elements of each row: exactly k, the first ones where some tie with the k-th. Not differentiable.
 *
 * @param x `[N,M]` float32
 * @param k how many, 0 .. M
 * @returns `[N,M]` float32, 1 at these and 0 elsewhere
 * @throws RangeError where k is no integer in 0 .. M
 * @throws Error where the current backend was not prepared by this project
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { installOps, largestOf } from "seamstress/ops";
 * installOps("cpu");
 * await tf.setBackend("cpu");
 * assertEquals([...await largestOf(tf.tensor2d([[5, 1, 3, 3]]), 2).data()], [1, 0, 1, 0]);
 * ```
 */
export function largestOf(x: tf.Tensor2D, k: number): tf.Tensor2D {
  checkCount("mark", x, k, 0);
  return k === 0 ? tf.zerosLike(x) : selectLargestOp.run({ x }, { count: k });
}
