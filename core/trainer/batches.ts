import type { Batch } from "../data/batch.ts";

/** A source of batches, such as `Loader`. */
export interface Batches {
  /** Batches that an epoch has. */
  readonly stepsPerEpoch: number;
  /**
   * The batches of an epoch, in its order.
   *
   * @param epoch from 0
   * @param fromStep batches of the epoch to leave out
   * @returns the rest of the epoch's batches, the same for the same epoch whenever it is asked for
   */
  batches(epoch: number, fromStep: number): AsyncIterable<Batch>;
}

/** One optimizer step that is still to be taken. */
export interface PlannedStep {
  /** From 0. */
  readonly step: number;
  /** From 0. */
  readonly epoch: number;
  /** Whether its epoch ends with it. */
  readonly endsEpoch: boolean;
  readonly batch: Batch;
}

/**
 * Yields the steps of all epochs, in order.
 *
 * @param batches one or more per epoch
 * @param from first step, from 0; may lie within an epoch
 * @param to bound, not reached
 * @returns the steps with their batches
 * @throws {Error} where an epoch has fewer batches than it says
 */
export async function* plannedSteps(
  batches: Batches,
  from: number,
  to: number,
): AsyncGenerator<PlannedStep> {
  const { stepsPerEpoch } = batches;
  let step = from;
  while (step < to) {
    const epoch = Math.floor(step / stepsPerEpoch);
    const end = (epoch + 1) * stepsPerEpoch;
    for await (const batch of batches.batches(epoch, step % stepsPerEpoch)) {
      yield { step, epoch, endsEpoch: step + 1 === end, batch };
      if (++step === to) return;
    }
    if (step !== end) {
      throw new Error(`Epoch ${epoch} ended after ${step} steps, it should after ${end}`);
    }
  }
}
