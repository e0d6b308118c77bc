import * as tf from "@tensorflow/tfjs";
import type { CheckpointStore } from "../contracts/checkpoint_store.ts";
import type { Optimizer } from "../contracts/optimizer.ts";
import { userError } from "../errors.ts";
import type { Params } from "../contracts/params.ts";
import type { StateArray, StateDict } from "../contracts/state_dict.ts";
import type { LossScale } from "./loss_scale.ts";
import type { Sums } from "./means.ts";

/** Progress of a training, besides its tensors; plain JSON, kept in checkpoints. */
export interface Progress {
  readonly seed: number;
  readonly totalSteps: number;
  /** Optimizer steps done. */
  readonly step: number;
  /** Losses of the epoch under way. */
  readonly sums: Sums;
  /** State of the last verdict on what is best. */
  readonly judged?: unknown;
  /** Whether a verdict has ended it early. */
  readonly ended?: boolean;
  /** Of the next step, where activations are stored in float16. */
  readonly lossScale?: LossScale;
}

/** The model and optimizer that checkpoints save and restore. */
export interface Trained {
  readonly stage: string;
  readonly params: Params;
  /** What method and losses keep across steps. */
  readonly kept?: Params;
  readonly optimizer: Optimizer;
  readonly checkpoints: CheckpointStore;
}

/**
 * Continues from the last checkpoint, if there is one.
 *
 * @param trained gets its weights and its optimizer state
 * @param start where a training without a checkpoint starts
 * @returns where the training stands
 * @throws {RangeError} where the checkpoint is of a training with another seed or length
 */
export async function restoreProgress(trained: Trained, start: Progress): Promise<Progress> {
  const { stage, params, kept, optimizer, checkpoints } = trained;
  const checkpoint = await checkpoints.read("last");
  if (checkpoint?.training === undefined) return start;
  // Written by saveProgress: the checkpoint's hash was checked.
  const progress = checkpoint.training.progress as Progress;
  for (const key of ["seed", "totalSteps"] as const) {
    if (progress[key] !== start[key]) {
      throw userError(
        new RangeError(
          `Cannot continue training ${stage} from ${checkpoints.folder}: its ${key} is ${
            progress[key]
          }, the recipe's is ${start[key]}`,
        ),
      );
    }
  }
  params.load(checkpoint.weights, { from: checkpoints.folder });
  kept?.load(checkpoint.training.state ?? new Map(), { from: checkpoints.folder });
  const state = toTensors(checkpoint.training.optimizer);
  optimizer.restore(state);
  tf.dispose(state);
  return progress;
}

/**
 * Saves the `last` checkpoint, and `best` too where this is the best so far.
 *
 * @param trained what to save
 * @param progress where the training stands
 * @param isBest whether these weights are the best so far; `best` holds the weights alone
 * @throws {RangeError} where a weight is not finite; the checkpoints before stay
 */
export async function saveProgress(
  trained: Trained,
  progress: Progress,
  isBest: boolean,
): Promise<void> {
  const { stage, params, kept, optimizer, checkpoints } = trained;
  const { step } = progress;
  const weights = await params.toStateDict();
  const state = await kept?.toStateDict();
  for (const [name, { data }] of [...weights, ...state ?? []]) {
    if (allFinite(data as Float32Array)) continue;
    const left = await lastGood(checkpoints);
    throw userError(
      new RangeError(
        `Cannot go on training ${stage}: after step ${step} parameter ${name} is not finite; ${left}`,
      ),
    );
  }
  // The last comes last: killed between the two, the run is resumed from before and finds the best again.
  if (isBest) await checkpoints.save("best", { step, weights });
  const training = {
    optimizer: await toArrays(optimizer.state()),
    ...state?.size && { state },
    progress,
  };
  await checkpoints.save("last", { step, weights, training });
}

/**
 * Describes the newest usable checkpoint of a training that failed.
 *
 * @param checkpoints of the training
 * @returns the tail of a message
 */
export async function lastGood(checkpoints: CheckpointStore): Promise<string> {
  const last = await checkpoints.last();
  return last
    ? `the last good checkpoint is of step ${last.step}, ${last.weights}`
    : "no checkpoint was written before";
}

/** Whether all values are finite; a plain loop, fourteen times as fast as `every`. */
function allFinite(data: Float32Array): boolean {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}

function toTensors(state: StateDict): Record<string, tf.Tensor> {
  return Object.fromEntries(
    // A copy: a tensor may keep its array, which is a view into a whole file here.
    [...state].map(([name, { data, shape }]) => [
      name,
      tf.tensor((data as Float32Array).slice(), [...shape]),
    ]),
  );
}

async function toArrays(state: Readonly<Record<string, tf.Tensor>>): Promise<StateDict> {
  const arrays = Object.entries(state).map(
    async ([name, tensor]): Promise<[string, StateArray]> => {
      const data = await tensor.data<"float32">();
      return [name, { dtype: "F32", shape: tensor.shape, data }];
    },
  );
  return new Map(await Promise.all(arrays));
}
