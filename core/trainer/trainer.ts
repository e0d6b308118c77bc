import * as tf from "@tensorflow/tfjs";
import type { CheckpointStore } from "../contracts/checkpoint_store.ts";
import type { BackendInfo } from "../contracts/backend.ts";
import { type Group, SINGLE } from "../contracts/group.ts";
import type { Observer } from "../contracts/observer.ts";
import { deviceFailure } from "../run/device_failure.ts";
import { isUserError, userError, withAction } from "../errors.ts";
import { type Stop, Stopped } from "../run/stop.ts";
import { type EnterPhase, phasesOf, waitingFor } from "./phases.ts";
import { advance } from "./advance.ts";
import { type Batches, plannedSteps } from "./batches.ts";
import { type Judge, lowestLoss } from "./judge.ts";
import { INITIAL_SCALE } from "./loss_scale.ts";
import { type NotFinite, readLosses } from "./losses.ts";
import { addLosses, means } from "./means.ts";
import { activeLosses } from "./gradients.ts";
import { microBatches } from "./micro_batch.ts";
import { standing, type StepOptions } from "./step.ts";
import { RankSums } from "./rank_sums.ts";
import { trainingParts } from "./training_state.ts";
import { lastGood, type Progress, restoreProgress, saveProgress } from "./progress.ts";

/** What to train, on what, and how. */
export interface TrainOptions extends StepOptions {
  /** The samples, shuffled and in batches. */
  readonly batches: Batches;
  /** Times through the data: the schedule's length. */
  readonly epochs: number;
  /** Stop after so many steps of the schedule; a later call goes on from there. */
  readonly maxSteps?: number;
  /** Samples on the device at a time; the result depends on it only by float32's rounding. */
  readonly microBatch: number;
  /** That computes, for messages and the manifest. */
  readonly backend: BackendInfo;
  /** Keeps what a later run goes on from. */
  readonly checkpoints: CheckpointStore;
  /** Steps between checkpoints; the end of an epoch and of the training have one in any case. */
  readonly checkpointEvery: number;
  /** The ranks that train together, each on its rows of `batches`; one unless given. Rank 0 alone saves, and is asked whether to stop. */
  readonly group?: Group;
  /** Told of steps and losses. */
  readonly observers: Required<Observer>;
  /** What is best, and when to end early; the lowest loss and never unless given. */
  readonly judge?: Judge;
  /** Whether to stop after the current step, with a checkpoint. */
  readonly stop?: Stop;
}

/**
 * Trains a model, from its last checkpoint where there is one: batches → micro-batches → the method → losses, weighted →
 * gradients, added up → the optimizer → observers → checkpoint. Killed at any moment and called again, it ends with
 * the weights of a training that was never killed: to the last bit on wasm and cpu.
 *
 * A parameter that no loss reaches in a step, because the loss has not started, is left alone as PyTorch leaves one alone whose
 * `grad` is `None`: no update, no weight decay.
 *
 * @param options what to train, on what, and how
 * @returns steps done, in all calls together, and steps of the whole schedule
 * @throws {RangeError} where a loss or a weight is not finite; the last good checkpoint stays
 * @throws {Stopped} where it was asked to stop, after the step under way and its checkpoint
 */
export async function train(
  options: TrainOptions,
): Promise<{ readonly steps: number; readonly totalSteps: number }> {
  const { stage, model, losses, optimizer, batches, backend, observers, seed } = options;
  const { group = SINGLE, judge = lowestLoss } = options;
  checkOptions(options);
  const enterPhase = phasesOf(stage, observers);
  const ranks = new RankSums(group, enterPhase, backend.view);
  const totalSteps = options.epochs * batches.stepsPerEpoch;
  const stepOptions = { ...options, enterPhase, totalSteps };
  const last = Math.min(totalSteps, options.maxSteps ?? totalSteps);
  const trained = {
    stage,
    params: model.params,
    ...options.state && { kept: options.state.kept },
    optimizer,
    checkpoints: options.checkpoints,
  };
  let progress = await restoreProgress(trained, { seed, totalSteps, step: 0, sums: {} });
  if (progress.step === 0) {
    for (const { part, plugin } of trainingParts(options.method, losses)) {
      tf.tidy(() => plugin.begin?.({ ...standing(stepOptions, part, 0), model }));
    }
  }

  let began = performance.now();
  const steps = plannedSteps(batches, progress.step, progress.ended ? progress.step : last);
  for await (const planned of waitingFor(enterPhase, "data", steps)) {
    const { step, epoch, endsEpoch, batch } = planned;
    const active = activeLosses(losses, step, totalSteps);
    const micros = microBatches(batch, options.microBatch);

    const computed = async () => {
      const scale = scaleOf(options, progress);
      const taken = await advance(stepOptions, active, micros, step, scale, ranks);
      const read = await waitForLosses(options, enterPhase, active, micros, taken.values);
      return { taken, read };
    };
    const { taken, read } = await computed().catch(async (error) => {
      // Another rank's error says already what could not go on.
      group.check?.();
      const left = await lastGood(options.checkpoints);
      const action = `Cannot go on training ${stage} in step ${step + 1} (${left})`;
      // The device's own error, once checked for, is not reported again.
      throw isUserError(error)
        ? withAction(action, error)
        : await deviceFailure(error, backend, () => action);
    });
    if ("notFinite" in read) throw await divergence(options, step, read.notFinite);
    if (taken.overflow !== undefined) throw await tooLarge(options, step, taken.overflow);
    progress = {
      ...progress,
      step: step + 1,
      sums: addLosses(progress.sums, read.found),
      ...taken.scale && { lossScale: taken.scale },
    };
    await observers.step({
      stage,
      step: step + 1,
      totalSteps: last,
      epoch: epoch + 1,
      losses: read.found,
      rates: optimizer.rates(step),
      samplesPerSecond: batch.names.length / ((performance.now() - began) / 1000),
    });

    const ended = endsEpoch ? { losses: means(progress.sums) } : undefined;
    if (ended) {
      const epochs = options.epochs;
      await observers.epoch({ stage, epoch: epoch + 1, epochs, ...ended });
      progress = { ...progress, sums: {} };
    }
    const reached = { step: step + 1, epoch: epoch + 1, ...ended };
    const { isBest, stops, state } = await judge(reached, progress.judged);
    progress = { ...progress, judged: state, ...stops && { ended: true } };
    const stopping = await group.broadcast(options.stop?.requested ?? false);
    const due = (step + 1) % options.checkpointEvery === 0;
    if (stopping || endsEpoch || isBest || stops || step + 1 === last || due) {
      using _ = enterPhase("checkpoint");
      if (group.rank === 0) await saveProgress(trained, progress, isBest);
      await backend.check();
    }
    if (stops) break;
    if (stopping && step + 1 < last) {
      throw new Stopped(`training ${stage} after step ${step + 1} of ${last}`);
    }
    began = performance.now();
  }
  // What rank 0 saved last is there for all.
  await group.barrier();
  return { steps: progress.step, totalSteps };
}

/** The next step's loss scale, where half precision needs one. */
function scaleOf({ backend }: TrainOptions, { lossScale = INITIAL_SCALE }: Progress) {
  return backend.precision === "f16" ? lossScale : undefined;
}

/** Waits for the device. */
async function waitForLosses(
  { backend }: TrainOptions,
  enterPhase: EnterPhase,
  ...step: Parameters<typeof readLosses>
): ReturnType<typeof readLosses> {
  using _ = enterPhase("device");
  const read = await readLosses(...step);
  await backend.check();
  return read;
}

async function divergence(
  { stage, checkpoints, backend: { precision } }: TrainOptions,
  step: number,
  { name, value, samples }: NotFinite,
): Promise<Error> {
  return userError(
    new RangeError(
      `Cannot go on training ${stage}: in step ${step + 1} the loss ${name} is ${value} on ${
        samples.join(", ")
      }; ${await lastGood(checkpoints)}; try a lower learning rate, a warm-up or clipping${
        precision === "f16" ? ", or backend.precision f32: a half holds no more than 65504" : ""
      }`,
    ),
  );
}

async function tooLarge(
  { stage, checkpoints }: TrainOptions,
  step: number,
  parameters: readonly string[],
): Promise<Error> {
  return userError(
    new RangeError(
      `Cannot go on training ${stage} in half precision: in step ${
        step + 1
      } the losses are finite, the gradients of ${
        parameters.join(", ")
      } are not, even without a loss scale; ${await lastGood(
        checkpoints,
      )}; try backend.precision f32`,
    ),
  );
}

function checkOptions({ stage, losses }: TrainOptions): void {
  const names = losses.map(({ name }) => name);
  const twice = [...names, "loss"].find((name, i, all) => all.indexOf(name) !== i);
  if (twice !== undefined) {
    throw userError(
      new RangeError(
        `Cannot train ${stage}: two losses are named ${twice} ("loss" is the total's)`,
      ),
    );
  }
  if (!losses.some(({ start }) => start === 0)) {
    throw userError(new RangeError(`Cannot train ${stage}: no loss starts at step 0`));
  }
}
