import * as tf from "@tensorflow/tfjs";
import type { ConvOptions } from "../../ops/conv/geometry.ts";
import { depthwiseNorm } from "../../ops/depthwise_norm/depthwise_norm.ts";
import { frozenNorm, type NormVectors } from "../../ops/frozen_norm/frozen_norm.ts";
import { type Activation, NORM_EPSILON } from "../../ops/frozen_norm/normalized.ts";
import { withoutGradient } from "../../ops/gradient/without_gradient.ts";
import { pointwiseNorm } from "../../ops/pointwise_norm/pointwise_norm.ts";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";

/**
 * Parameters of a batch normalisation that never trains.
 *
 * @param name the module's name, such as `b4.bn_branch2a`
 * @param channels number of channels
 * @returns `weight`, `bias`, `running_mean`, `running_var`, each `[channels]`; the identity until a file is loaded
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { batchNormSpecs } from "seamstress/wsss";
 * assertEquals(batchNormSpecs("bn7", 8).map((spec) => spec.name), [
 *   "bn7.weight",
 *   "bn7.bias",
 *   "bn7.running_mean",
 *   "bn7.running_var",
 * ]);
 * ```
 */
export function batchNormSpecs(name: string, channels: number): readonly ParamSpec[] {
  const spec = (
    suffix: string,
    role: ParamSpec["role"],
    kind: "zeros" | "ones",
  ): ParamSpec => ({
    name: `${name}.${suffix}`,
    shape: [channels],
    layout: "vector",
    role,
    trainable: false,
    pretrained: true,
    init: { kind },
  });
  return [
    spec("weight", "weight", "ones"),
    spec("bias", "bias", "zeros"),
    spec("running_mean", "buffer", "zeros"),
    spec("running_var", "buffer", "ones"),
  ];
}

/**
 * Normalises by running statistics, then activates.
 *
 * @param x `[N,H,W,C]` float32
 * @param params holds the four parameters of {@linkcode batchNormSpecs}; they get no gradient
 * @param name the module's name
 * @param activation `relu` and `relu6` have gradient 0 at their corners, as PyTorch's
 * @returns `activation((x - mean) / sqrt(var + 1e-5) * weight + bias)`, `[N,H,W,C]`
 */
export function frozenBatchNorm(
  x: tf.Tensor4D,
  params: Params,
  name: string,
  activation: Activation,
): tf.Tensor4D {
  return frozenNorm(x, vectors(params, name), { epsilon: NORM_EPSILON, activation });
}

/**
 * A 1 x 1 convolution at stride 1, then {@linkcode frozenBatchNorm}.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[1,1,C,D]` float32
 * @param params holds the four parameters of {@linkcode batchNormSpecs}; they get no gradient
 * @param name the batch norm's module
 * @param activation what follows
 * @returns `[N,H,W,D]`
 */
export function frozenPointwise(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  params: Params,
  name: string,
  activation: Activation,
): tf.Tensor4D {
  const attributes = { epsilon: NORM_EPSILON, activation };
  return pointwiseNorm(x, filter, vectors(params, name), attributes);
}

/**
 * A depthwise convolution, then {@linkcode frozenBatchNorm}.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,1]` float32
 * @param options of the convolution
 * @param params holds the four parameters of {@linkcode batchNormSpecs}; they get no gradient
 * @param name the batch norm's module
 * @param activation what follows
 * @returns `[N,h',w',C]`
 */
export function frozenDepthwise(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: ConvOptions,
  params: Params,
  name: string,
  activation: Activation,
): tf.Tensor4D {
  const attributes = { ...options, epsilon: NORM_EPSILON, activation };
  return depthwiseNorm(x, filter, vectors(params, name), attributes);
}

/**
 * A batch normalisation that never trains as the vectors of `scale·x + shift`.
 *
 * @param params holds the four parameters of {@linkcode batchNormSpecs}
 * @param name the module's name
 * @returns both `[C]`, constants to any gradient
 */
export function frozenScaleShift(
  params: Params,
  name: string,
): { scale: tf.Tensor1D; shift: tf.Tensor1D } {
  const { weight, bias, mean, variance } = vectors(params, name);
  const scale = withoutGradient(() =>
    tf.mul<tf.Tensor1D>(weight, tf.rsqrt(tf.add(variance, NORM_EPSILON)))
  );
  const shift = withoutGradient(() => tf.sub<tf.Tensor1D>(bias, tf.mul(mean, scale)));
  return { scale, shift };
}

function vectors(params: Params, name: string): NormVectors {
  const vector = (suffix: string) => params.get(`${name}.${suffix}`) as tf.Tensor as tf.Tensor1D;
  return {
    weight: vector("weight"),
    bias: vector("bias"),
    mean: vector("running_mean"),
    variance: vector("running_var"),
  };
}
