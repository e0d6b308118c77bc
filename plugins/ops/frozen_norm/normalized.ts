import * as tf from "@tensorflow/tfjs";
import { FROZEN_NORM, type FrozenNormAttributes, runOwnKernel } from "../own_kernels.ts";

/** PyTorch's default `eps` of a batch normalisation. */
export const NORM_EPSILON = 1e-5;

/** What follows a normalisation; `relu` and `relu6` have gradient 0 at their corners, as PyTorch's. */
export type Activation = FrozenNormAttributes["activation"];

/** What a channel is normalised by, and what is made of it; `[C]` each. */
export interface NormVectors {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
}

/**
 * Normalises by given statistics, then activates. Part of a custom gradient: it has none of its own on every backend.
 *
 * @param x `[N,H,W,C]` float32
 * @param vectors one value a channel
 * @param activation what follows
 * @returns `activation((x - mean) / sqrt(variance + 1e-5) * weight + bias)`, `[N,H,W,C]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 * import { normalized } from "./normalized.ts";
 * await tf.setBackend("cpu");
 * const [mean, variance, weight, bias] = [3, 4, 2, 1].map((value) => tf.tensor1d([value]));
 * const vectors = { mean: mean!, variance: variance!, weight: weight!, bias: bias! };
 * const [y] = await normalized(tf.tensor4d([5], [1, 1, 1, 1]), vectors, "relu").data();
 * assertAlmostEquals(y!, 3, 1e-4);
 * ```
 */
export function normalized(
  x: tf.Tensor4D,
  { mean, variance, weight, bias }: NormVectors,
  activation: Activation,
): tf.Tensor4D {
  const attributes: FrozenNormAttributes = { epsilon: NORM_EPSILON, activation };
  return runOwnKernel<tf.Tensor4D>(
    FROZEN_NORM,
    { x, mean, variance, weight, bias },
    attributes,
  ) ?? activate(
    tf.batchNorm(
      x,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      bias as tf.Tensor1D,
      weight as tf.Tensor1D,
      NORM_EPSILON,
    ) as tf.Tensor4D,
    activation,
  );
}

function activate(x: tf.Tensor4D, activation: Activation): tf.Tensor4D {
  if (activation === "none") return x;
  return activation === "relu" ? tf.relu(x) : tf.relu6(x);
}

/**
 * Where an activation lets gradients pass.
 *
 * @param y what it gave
 * @param activation not `none`, which lets all pass
 * @returns 1 there, 0 elsewhere
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { passing } from "./normalized.ts";
 * assertEquals([...passing(tf.tensor1d([0, 3, 6]), "relu6").dataSync()], [0, 1, 0]);
 * ```
 */
export function passing(y: tf.Tensor, activation: Exclude<Activation, "none">): tf.Tensor {
  const above = tf.step(y);
  return activation === "relu6" ? tf.mul(above, tf.step(tf.sub(6, y))) : above;
}
