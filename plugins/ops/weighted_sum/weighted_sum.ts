import * as tf from "@tensorflow/tfjs";
import { runOwnKernel, WEIGHTED_SUM, type WeightedSumAttributes } from "../own_kernels.ts";

/**
 * Σ factor·tensor, added in the order given; terms of factor 0 are left out, whatever their tensor holds. One pass over memory on
 * webgpu. Not differentiable: it is what optimizers are made of.
 *
 * @param terms one to four pairs, tensors of one shape
 * @returns the sum
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { weightedSum } from "./weighted_sum.ts";
 * await tf.setBackend("cpu");
 * const sum = weightedSum([[1, tf.tensor1d([1, 2])], [-0.5, tf.tensor1d([4, 8])]]);
 * assertEquals([...await sum.data()], [-1, -2]);
 * ```
 */
export function weightedSum(terms: readonly (readonly [number, tf.Tensor])[]): tf.Tensor {
  const used = terms.filter(([factor]) => factor !== 0);
  const attributes: WeightedSumAttributes = { factors: used.map(([factor]) => factor) };
  const inputs = Object.fromEntries(used.map(([, tensor], i) => [`x${i}`, tensor]));
  return runOwnKernel(WEIGHTED_SUM, inputs, attributes) ??
    tf.tidy(() =>
      used.map(([factor, tensor]) => factor === 1 ? tensor : tensor.mul<tf.Tensor>(factor))
        .reduce((sum, term) => sum.add(term)).clone()
    );
}
