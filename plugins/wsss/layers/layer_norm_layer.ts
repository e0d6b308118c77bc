import type * as tf from "@tensorflow/tfjs";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";
import { layerNorm } from "../../ops/layer_norm/layer_norm.ts";

/**
 * Parameters of a layer normalisation of a pretrained network; they train.
 *
 * @param name the module, such as `blocks.0.norm1`
 * @param channels number of channels
 * @returns `weight` and `bias`, each `[channels]`; the identity after normalising until a file is loaded
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { layerNormSpecs } from "seamstress/wsss";
 * assertEquals(layerNormSpecs("norm", 8).map(({ name }) => name), ["norm.weight", "norm.bias"]);
 * ```
 */
export function layerNormSpecs(name: string, channels: number): readonly ParamSpec[] {
  const shared = {
    shape: [channels],
    layout: "vector",
    trainable: true,
    pretrained: true,
  } as const;
  return [
    { name: `${name}.weight`, role: "weight", ...shared, init: { kind: "ones" } },
    { name: `${name}.bias`, role: "bias", ...shared, init: { kind: "zeros" } },
  ];
}

/** `eps` of timm's transformers. */
const EPSILON = 1e-6;

/**
 * Normalises every position over its channels.
 *
 * @param x `[N,H,W,C]` float32, such as tokens `[N,1,T,C]`
 * @param params holds what {@linkcode layerNormSpecs} names
 * @param name the module
 * @param epsilon added to the variance: timm's, unless given; PyTorch's own default is 1e-5
 * @returns `[N,H,W,C]`
 */
export function layerNormalize(
  x: tf.Tensor4D,
  params: Params,
  name: string,
  epsilon = EPSILON,
): tf.Tensor4D {
  const weight = params.get(`${name}.weight`), bias = params.get(`${name}.bias`);
  return layerNorm(x, { weight, bias }, epsilon);
}
