import type * as tf from "@tensorflow/tfjs";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import { maskSamples } from "./mask_samples.ts";

/**
 * Stochastic depth (Huang et al., arXiv 1603.09382), timm's DropPath: in training a sample's branch is 0 at the given rate, and larger
 * where it is not, so that its mean stays.
 *
 * @param branch `[N,H,W,C]` float32, what a residual sum adds
 * @param rate share of samples, 0..1
 * @param context training or inference
 * @param purpose name of the stream of random numbers, unique within the pass
 * @returns the same shape; `branch` itself where nothing is dropped
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { inference } from "seamstress";
 * import { dropPath } from "seamstress/ops";
 * const x = tf.ones([1, 2, 2, 3]) as tf.Tensor4D;
 * assertEquals(dropPath(x, 0.5, inference, "drop path blocks.0"), x);
 * ```
 */
export function dropPath(
  branch: tf.Tensor4D,
  rate: number,
  context: ForwardContext,
  purpose: string,
): tf.Tensor4D {
  return maskSamples(branch, [1, 1, 1], rate, context, purpose);
}
