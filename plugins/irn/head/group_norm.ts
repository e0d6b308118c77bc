import * as tf from "@tensorflow/tfjs";
import type { Params, ParamSpec } from "seamstress";

/** PyTorch's. */
const EPSILON = 1e-5;

/**
 * How many groups the authors divide channels into: 8 channels a group, at most 16 groups.
 *
 * @param channels a multiple of 8, above 128 of 16
 * @returns groups
 */
export function groupsOf(channels: number): number {
  return Math.min(channels / 8, 16);
}

/**
 * Weight and bias of a group normalisation.
 *
 * @param name the module
 * @param channels what it normalises
 * @returns their specs
 */
export function groupNormSpecs(name: string, channels: number): readonly ParamSpec[] {
  const vector = {
    shape: [channels],
    layout: "vector",
    trainable: true,
    pretrained: false,
  } as const;
  return [
    { ...vector, name: `${name}.weight`, role: "weight", init: { kind: "ones" } },
    { ...vector, name: `${name}.bias`, role: "bias", init: { kind: "zeros" } },
  ];
}

/**
 * Group normalisation (Wu & He, ECCV 2018), as PyTorch's `GroupNorm`: each group of channels of each sample to mean 0 and variance 1,
 * then weight and bias.
 *
 * @param x `[N,h,w,C]` float32
 * @param params holds `<name>.weight` and `<name>.bias`
 * @param name the module
 * @returns `[N,h,w,C]`
 */
export function groupNorm(x: tf.Tensor4D, params: Params, name: string): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  const groups = groupsOf(channels);
  const grouped = tf.reshape(x, [samples, height * width, groups, channels / groups]);
  const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
  const variance = tf.mean(tf.square(centred), [1, 3], true);
  const normal = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
  const scaled = tf.mul(tf.reshape(normal, x.shape), params.get(`${name}.weight`));
  return tf.add<tf.Tensor4D>(scaled, params.get(`${name}.bias`));
}
