import * as tf from "@tensorflow/tfjs";
import { storedInHalf } from "../precision.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { like } from "../define/shapes.ts";
import { splitElements } from "../webgpu/split_elements.ts";
import type { FrozenNormAttributes } from "./attributes.ts";
import { runFrozenNorm, runFrozenNormGradient } from "./frozen_norm.wgsl.ts";
import { passing } from "./passing.ts";
import { frozenNormGradientOnHeap, frozenNormOnHeap } from "./wasm_kernel.ts";

/**
 * Composed of tfjs's ops, a batch normalisation with fixed statistics and its activation are two passes over memory forward and
 * four backward, and tfjs's FusedBatchNorm on wasm computes a square root and a division per element. These kernels take one pass
 * each. To see it: bench/webgpu_kernels.bench.ts.
 */
export const frozenNormOp = defineOp({
  name: "FrozenNorm",
  summary: "batch normalisation by fixed statistics, and its activation",
  inputs: { x: "[N,H,W,C]", mean: "[C]", variance: "[C]", weight: "[C]", bias: "[C]" },
  attributes: attributesOf<FrozenNormAttributes>(),
  output: "[N,H,W,C]",
  shape: ({ x }) => like(x),
  half: { reads: true, gives: asActivations },
  split: splitElements(["x"], (shape) => shape.at(-1)!),
  webgpu: ({ x, mean, variance, weight, bias }, attributes, context) =>
    runFrozenNorm(
      context.backend,
      x,
      [mean, variance, weight, bias],
      attributes,
      context.half(x.shape),
    ),
  wasm: (inputs, attributes, { backend }) => frozenNormOnHeap(backend, inputs, attributes),
  compose: ({ x, mean, variance, weight, bias }, { epsilon, activation }) => {
    const y = tf.batchNorm(x, mean, variance, bias, weight, epsilon) as tf.Tensor4D;
    if (activation === "none") return y;
    return activation === "relu" ? tf.relu(y) : tf.relu6(y);
  },
});

/** Gradient of {@linkcode frozenNormOp} towards `x`. `y`, the result, may be left out where the activation is `none`. */
export const frozenNormGradientOp = defineOp({
  name: "FrozenNormGradient",
  summary: "gradient of a batch normalisation by fixed statistics",
  inputs: { dy: "[N,H,W,C]", "y?": "[N,H,W,C]", variance: "[C]", weight: "[C]" },
  attributes: attributesOf<FrozenNormAttributes>(),
  output: "[N,H,W,C]",
  shape: ({ dy }) => like(dy),
  half: { reads: true, gives: ({ dy, y }) => storedInHalf(y ?? dy) },
  webgpu: ({ dy, y, variance, weight }, attributes, context) =>
    runFrozenNormGradient(
      context.backend,
      dy,
      y,
      [variance, weight],
      attributes,
      context.half(dy.shape),
    ),
  wasm: (inputs, attributes, { backend }) => frozenNormGradientOnHeap(backend, inputs, attributes),
  compose: ({ dy, y, variance, weight }, { epsilon, activation }) => {
    const scale = tf.mul(weight, tf.rsqrt(tf.add(variance, epsilon)));
    const slope = tf.mul<tf.Tensor4D>(dy, scale);
    if (y === undefined) return slope;
    return activation === "none" ? slope : tf.mul<tf.Tensor4D>(slope, passing(y, activation));
  },
});

/** Statistics and parameters of a normalisation, `[C]` each. */
export interface NormVectors {
  /** Mean that is subtracted. */
  readonly mean: tf.Tensor1D;
  /** Variance; its square root (after adding epsilon) is the divisor. */
  readonly variance: tf.Tensor1D;
  /** Scale (gamma), applied after the normalisation. */
  readonly weight: tf.Tensor1D;
  /** Shift (beta), added last. */
  readonly bias: tf.Tensor1D;
}

/**
 * Normalises by fixed statistics, then activates.
 *
 * One custom gradient for both, because the backward pass needs nothing but the activated output, which the convolution that
 * follows keeps anyway; composed, tfjs would keep two more arrays of the same size for every layer.
 *
 * @param x `[N,H,W,C]` float32
 * @param vectors of the layer; they get no gradient
 * @param attributes `relu` and `relu6` have gradient 0 at their corners, as PyTorch's
 * @returns `activation((x - mean) / sqrt(variance + epsilon) * weight + bias)`, `[N,H,W,C]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { frozenNorm } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const [zero, one] = [tf.zeros<tf.Rank.R1>([1]), tf.ones<tf.Rank.R1>([1])];
 * const vectors = { mean: one, variance: one, weight: one, bias: zero };
 * const y = frozenNorm(tf.tensor4d([3, 0], [1, 1, 2, 1]), vectors, { epsilon: 0, activation: "relu" });
 * assertEquals([...await y.data()], [2, 0]);
 * ```
 */
export function frozenNorm(
  x: tf.Tensor4D,
  vectors: NormVectors,
  attributes: FrozenNormAttributes,
): tf.Tensor4D {
  const { mean, variance, weight, bias } = vectors;
  const layer = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    const value = frozenNormOp.run({ x, mean, variance, weight, bias }, attributes);
    save(attributes.activation === "none" ? [] : [value]);
    const gradFunc = (dy: tf.Tensor4D, [y]: tf.Tensor[]) =>
      frozenNormGradientOp.run(
        { dy, ...y && { y: y as tf.Tensor4D }, variance, weight },
        attributes,
      );
    return { value, gradFunc };
  });
  return layer(x) as tf.Tensor4D;
}
