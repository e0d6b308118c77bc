import type * as tf from "@tensorflow/tfjs";
import { batchNorm } from "../../ops/batch_norm/batch_norm.ts";
import type { Activation } from "../../ops/frozen_norm/normalized.ts";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import { batchNormSpecs, frozenBatchNorm } from "./frozen_batch_norm.ts";

/**
 * Parameters of a batch normalisation that trains. The running statistics are buffers: kept in checkpoints beside the weights, never
 * given to the optimizer. PyTorch's counter `num_batches_tracked` is left out: with a fixed momentum nothing reads it, and
 * `load_state_dict` fills it in.
 *
 * @param name the module's name, such as `bn_fov`
 * @param channels number of channels
 * @param pretrained whether a file of pretrained weights has them
 * @returns `weight`, `bias`, `running_mean`, `running_var`, each `[channels]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { trainedBatchNormSpecs } from "seamstress/wsss";
 * const specs = trainedBatchNormSpecs("bn_fov", 8, false);
 * assertEquals(specs.map(({ name, trainable }) => [name, trainable]), [
 *   ["bn_fov.weight", true],
 *   ["bn_fov.bias", true],
 *   ["bn_fov.running_mean", false],
 *   ["bn_fov.running_var", false],
 * ]);
 * ```
 */
export function trainedBatchNormSpecs(
  name: string,
  channels: number,
  pretrained: boolean,
): readonly ParamSpec[] {
  return batchNormSpecs(name, channels)
    .map((spec) => ({ ...spec, pretrained, trainable: spec.role !== "buffer" }));
}

/** How {@linkcode trainedBatchNorm} normalises. */
export interface TrainedNormRun {
  /** Holds its weights, biases and running statistics. */
  readonly params: Params;
  /** Training or inference. */
  readonly context: ForwardContext;
  /** Part of the running statistics that a batch replaces. */
  readonly momentum: number;
}

/**
 * Normalises by the statistics of the batch in training, which the running ones follow, and by the running ones in inference; then
 * activates.
 *
 * With gradient accumulation the batch is the micro-batch, as it is in PyTorch: each is normalised by itself, and the running
 * statistics move once for each, or for the first alone where the training says so.
 *
 * @param x `[N,H,W,C]` float32
 * @param name the module's name, whose parameters are those of {@linkcode trainedBatchNormSpecs}
 * @param activation what follows
 * @param how parameters, pass and momentum
 * @returns `[N,H,W,C]`
 */
export function trainedBatchNorm(
  x: tf.Tensor4D,
  name: string,
  activation: Activation,
  { params, context, momentum }: TrainedNormRun,
): tf.Tensor4D {
  if (!context.training) return frozenBatchNorm(x, params, name, activation);
  const variables = {
    weight: params.get(`${name}.weight`),
    bias: params.get(`${name}.bias`),
    runningMean: params.get(`${name}.running_mean`),
    runningVariance: params.get(`${name}.running_var`),
  };
  const moved = context.runningStatistics === "keep" ? 0 : momentum;
  return batchNorm(x, variables, moved, activation);
}
