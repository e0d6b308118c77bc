import type { WeightedLoss } from "./gradients.ts";
import type { LossScale } from "./loss_scale.ts";
import type { MicroBatch } from "./micro_batch.ts";
import { type ScaledGradients, scaledGradients } from "./scaled_gradients.ts";
import { applyGradients, stepGradients, type StepOptions, takeStep } from "./step.ts";

/** The values of a step, and whether gradients overflowed in half precision. */
export type Taken = Pick<ScaledGradients, "values" | "overflow"> & {
  /** The next step's, where there was one. */
  readonly scale?: LossScale;
};

/**
 * Takes one optimizer step; with a loss scale nothing is changed before the gradients are known to be finite.
 *
 * @param options what to train and how
 * @param active losses that count in this step
 * @param micros the batch, in parts
 * @param step from 0
 * @param scale where activations are stored in half
 * @returns the losses, owned by the caller, and the next step's scale
 */
export async function advance(
  options: StepOptions,
  active: readonly WeightedLoss[],
  micros: readonly MicroBatch[],
  step: number,
  scale: LossScale | undefined,
): Promise<Taken> {
  if (scale === undefined) return { values: takeStep(options, active, micros, step) };
  const { gradients, ...taken } = await scaledGradients(
    (factor, again) => stepGradients(options, active, micros, step, { factor, again }),
    scale,
  );
  if (Object.keys(gradients).length > 0) applyGradients(options, gradients, step);
  return taken;
}
