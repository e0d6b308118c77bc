import type * as tf from "@tensorflow/tfjs";
import type { FrozenNormAttributes } from "./attributes.ts";
import { frozenNormOp, type NormVectors } from "./frozen_norm.ts";

export { passing } from "./passing.ts";

/** PyTorch's default `eps` of a batch normalisation. */
export const NORM_EPSILON = 1e-5;

/** The activation after a normalisation; `relu` and `relu6` have gradient 0 at their corners, as PyTorch's. */
export type Activation = FrozenNormAttributes["activation"];

/**
 * Normalises by given statistics, then activates. Meant for use inside custom gradients: it does not define a gradient itself on
 * every backend.
 *
 * @param x `[N,H,W,C]` float32
 * @param vectors one value per channel
 * @param activation applied after the normalisation
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
  vectors: NormVectors,
  activation: Activation,
): tf.Tensor4D {
  return frozenNormOp.run({ x, ...vectors }, { epsilon: NORM_EPSILON, activation });
}
