import * as tf from "@tensorflow/tfjs";

/**
 * Computes a tensor that gradients neither pass nor remember: PyTorch's `detach()` and `torch.no_grad()` in one.
 *
 * tfjs has no such operation. A custom gradient without inputs is one: nothing inside it is recorded, so that the activations of
 * frozen layers are not kept for a backward pass that never comes, and its result has no ancestors.
 *
 * @param compute makes the tensor; what else it makes is disposed
 * @returns a tensor of its own, also where `compute` gives back one that existed before
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
    // No inputs, hence no gradients to give.
    gradFunc: () => [],
  }));
  // clone() keeps the rank that compute() gave.
  return detached() as T;
}
