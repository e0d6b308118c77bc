import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like } from "../define/shapes.ts";
import { runWeightedSum } from "./weighted_sum.wgsl.ts";

/**
 * Σ factor·x, added in the order given; an optimizer update composed of tfjs's ops passes over each parameter in memory six times.
 */
export const weightedSumOp = defineOp({
  name: "WeightedSum",
  summary: "sum of tensors, each times a number",
  inputs: { "x#": "[…]" },
  attributes: attributesOf<{ readonly factors: readonly number[] }>(),
  output: "[…]",
  shape: ({ x0 }) => like(x0!),
  webgpu: (inputs, { factors }, { backend }) =>
    runWeightedSum(backend, factors.map((_, i) => inputs[`x${i}`]!), factors),
  compose: (inputs, { factors }) =>
    factors.map((factor, i) => {
      const tensor = inputs[`x${i}`]!;
      return factor === 1 ? tensor : tf.mul<tf.Tensor>(tensor, factor);
    }).reduce((sum, term) => tf.add(sum, term)).clone(),
});

/**
 * Σ factor·tensor, added in the order given; terms of factor 0 are left out, even where their tensor holds NaN or infinity. One
 * pass over memory on webgpu. Not differentiable: it is meant for optimizer updates.
 *
 * @param terms one to four pairs, tensors of one shape
 * @returns the sum
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { weightedSum } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const sum = weightedSum([[1, tf.tensor1d([1, 2])], [-0.5, tf.tensor1d([4, 8])]]);
 * assertEquals([...await sum.data()], [-1, -2]);
 * ```
 */
export function weightedSum(terms: readonly (readonly [number, tf.Tensor])[]): tf.Tensor {
  const used = terms.filter(([factor]) => factor !== 0);
  const inputs = Object.fromEntries(used.map(([, tensor], i) => [`x${i}` as const, tensor]));
  return weightedSumOp.run(inputs, { factors: used.map(([factor]) => factor) });
}
