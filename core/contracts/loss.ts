import type * as tf from "@tensorflow/tfjs";
import type { LossInput } from "./method.ts";

/** Contract of kind `loss`: a mean over the samples of the batch, so that micro-batches add up exactly. */
export interface Loss {
  /** Head outputs and method provisions (`pair`) it reads; checked before training starts. */
  readonly needs: readonly string[];
  /** Whether it is no mean over samples all the same: the micro-batch changes it then, and is not chosen for the ranks' sake. */
  readonly overBatch?: boolean;
  /** Computes the loss of a micro-batch; differentiable. @returns a scalar, unweighted: the recipe's weight is applied by the trainer. */
  compute(input: LossInput): tf.Scalar;
}
