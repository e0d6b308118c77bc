import type * as tf from "@tensorflow/tfjs";
import type { WeightedLoss } from "../../../core/trainer/gradients.ts";
import type { MicroBatch } from "../../../core/trainer/micro_batch.ts";
import { applyGradients, stepGradients, type StepOptions } from "../../../core/trainer/step.ts";

/**
 * Takes one optimizer step: the method and the losses on every micro-batch, gradients added up, applied.
 *
 * @param options what to train and how
 * @param active losses that count in this step
 * @param micros the batch, in parts
 * @param step from 0
 * @returns `[K]` float32 a micro-batch: the active losses, unweighted; owned by the caller
 */
export function takeStep(
  options: StepOptions,
  active: readonly WeightedLoss[],
  micros: readonly MicroBatch[],
  step: number,
): tf.Tensor1D[] {
  const { values, ...rest } = stepGradients(options, active, micros, step);
  applyGradients(options, rest, active, step);
  return values;
}
