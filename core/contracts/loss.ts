import type * as tf from "@tensorflow/tfjs";
import type { LossInput } from "./method.ts";
import type { MicroStanding, TrainingPart } from "./training_part.ts";

/** Contract of kind `loss`: a mean over the samples of the batch, so that micro-batches add up exactly. */
export interface Loss extends TrainingPart {
  /** Head outputs and what the method provides (`pair`) that it reads; checked before training starts. */
  readonly needs: readonly string[];
  /** Whether it is no mean over samples all the same: the micro-batch changes it then, and is not chosen for the ranks' sake. */
  readonly overBatch?: boolean;
  /** Computes the loss of a micro-batch; differentiable. @returns a scalar, unweighted: the recipe's weight is applied by the trainer. */
  compute(input: LossInput, training: MicroStanding): tf.Scalar;
}
