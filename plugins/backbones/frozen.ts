import type * as tf from "@tensorflow/tfjs";
import type { ForwardContext } from "seamstress";
import { withoutGradient } from "seamstress/ops";

/**
 * Runs a part of a network that does not train: in training nothing of it is kept for the backward pass.
 *
 * @param context training or inference
 * @param compute runs it
 * @returns its result; no gradient passes through it in training
 */
export function runFrozen<T extends tf.Tensor>(
  { training }: Pick<ForwardContext, "training">,
  compute: () => T,
): T {
  // In inference a gradient of the image may be asked for, and nothing is kept without one.
  return training ? withoutGradient(compute) : compute();
}
