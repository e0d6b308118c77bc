import * as tf from "@tensorflow/tfjs";
import type { WeightedLoss } from "./gradients.ts";
import type { LossScale } from "./loss_scale.ts";
import { type MicroBatch, ownMicroBatches } from "./micro_batch.ts";
import { type ScaledGradients, scaledGradients } from "./scaled_gradients.ts";
import { RankSums } from "./rank_sums.ts";
import { applyGradients, stepGradients, type StepOptions, type StepScale } from "./step.ts";

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
 * @param scale where activations are stored in float16
 * @param ranks those among which the batch is shared
 * @returns the losses, owned by the caller, and the next step's scale
 */
export async function advance(
  options: StepOptions,
  active: readonly WeightedLoss[],
  micros: readonly MicroBatch[],
  step: number,
  scale: LossScale | undefined,
  ranks: RankSums = new RankSums(),
): Promise<Taken> {
  const own = ownMicroBatches(micros);
  const compute = (by?: StepScale) =>
    ranks.add(stepGradients(options, active, own, step, by), {
      micros: micros.length,
      first: micros.indexOf(own[0]!),
      losses: active.length,
    });
  if (scale === undefined) {
    const { values, ...rest } = await compute();
    applyGradients(options, rest, active, step);
    return { values };
  }
  // Where a gradient overflows on one rank, so does the sum, and every rank halves the scale.
  const { gradients, gathered, ...taken } = await scaledGradients(
    (factor, again) => compute({ factor, again }),
    scale,
  );
  if (taken.overflow === undefined) applyGradients(options, { gradients, gathered }, active, step);
  else tf.dispose(gathered);
  return taken;
}
