import * as tf from "@tensorflow/tfjs";

/**
 * Computes a tensor without recording it for gradients: PyTorch's `detach()` and `torch.no_grad()` in one.
 *
 * tfjs has no such operation. A custom gradient without inputs does it: nothing inside it is recorded, so that the activations of
 * frozen layers are not kept for a backward pass that never comes, and gradients end at its result.
 *
 * @param compute makes the tensor; other tensors that it makes are disposed
 * @returns a new tensor, also where `compute` returns one that existed before
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { withoutGradient } from "seamstress/ops";
 * const slope = tf.grad((x) => tf.mul(x, withoutGradient(() => tf.square(x))).sum());
 * assertEquals([...slope(tf.tensor1d([2, 3])).dataSync()], [4, 9]);
 * ```
 */
export function withoutGradient<T extends tf.Tensor>(compute: () => T): T {
  const detached = tf.customGrad(() => ({
    value: compute().clone(),
    // Without inputs there are no gradients to return.
    gradFunc: () => [],
  }));
  // clone() keeps the rank that compute() gave.
  return detached() as T;
}
