import * as tf from "@tensorflow/tfjs";
import type { LossInput, Method } from "../contracts/method.ts";
import type { Gradients, Optimizer } from "../contracts/optimizer.ts";
import type { Network } from "../contracts/network.ts";
import type { MicroStanding, Standing } from "../contracts/training_part.ts";
import { type EnterPhase, unobserved } from "./phases.ts";
import { Rng } from "../rng.ts";
import { TreeSum } from "./tree_sum.ts";
import { addGradients, microGradients, type WeightedLoss } from "./gradients.ts";
import { addGathered, type Gathered, gatheredBy, gatherInto } from "./gathered.ts";
import { type MicroBatch, tensorBatch } from "./micro_batch.ts";
import { lossPart, paramsOf, trainingParts, type TrainingState } from "./training_state.ts";

/** The model, method, losses and optimizer of a training step. */
export interface StepOptions {
  /** The stage's id. */
  readonly stage: string;
  /** The network. */
  readonly model: Network;
  /** What the network is shown. */
  readonly method: Method;
  /** What is added up. */
  readonly losses: readonly WeightedLoss[];
  /** Changes the parameters. */
  readonly optimizer: Optimizer;
  /** What method and losses keep across steps; nothing unless given. */
  readonly state?: TrainingState;
  /** Of the random numbers of this training. */
  readonly seed: number;
  /** Optimizer steps of the whole schedule, for methods and losses; 1 unless given. */
  readonly totalSteps?: number;
  /** What the backward pass computes again instead of keeping it; the gradients are the same. */
  readonly recompute?: "blocks";
  /** Which micro-batches move the running statistics of batch norms that train; every one unless given. */
  readonly runningStatistics?: "every" | "first";
  /** Told of the parts of the step. */
  readonly enterPhase?: EnterPhase;
}

/** By what a step's gradients are multiplied. */
export interface StepScale {
  /** 1 unless given. */
  readonly factor?: number;
  /** Whether the batch was computed before, by another factor: running statistics have moved then. */
  readonly again?: boolean;
}

/** What a step computes before it changes a parameter; the caller disposes all of it. */
export interface StepGradients {
  /** Of the whole batch, times the scale. */
  readonly gradients: Gradients;
  /** `[K]` float32 a micro-batch: the active losses, unweighted. */
  readonly values: tf.Tensor1D[];
  /** What method and losses handed on, summed over the batch. */
  readonly gathered?: Gathered;
}

/**
 * Computes the gradients of a batch: the method and the losses on every micro-batch, added up.
 *
 * @param options what to train
 * @param active losses that count in this step
 * @param micros the batch, in parts
 * @param step from 0
 * @param scale by which factor, and whether for the first time
 * @returns gradients and losses, still on the device
 */
export function stepGradients(
  options: StepOptions,
  active: readonly WeightedLoss[],
  micros: readonly MicroBatch[],
  step: number,
  { factor = 1, again = false }: StepScale = {},
): StepGradients {
  const { model, state, enterPhase, runningStatistics } = options;
  const params = state?.trained ?? model.params;
  const sum = new TreeSum(addGradients), sums = new TreeSum(addGathered);
  const values: tf.Tensor1D[] = [];
  for (const micro of micros) {
    const keeps = again || runningStatistics === "first" && micro.from > 0;
    const gathered: Record<string, tf.Tensor> = {};
    const at = (part: string): MicroStanding => ({
      ...standing(options, part, step),
      firstRow: micro.from,
      gather: gatherInto(gathered, part, micro),
    });
    const run = () => forward(options, micro, at("method"), step, keeps);
    const losses = (name: string) => at(lossPart(name));
    const compute = () =>
      microGradients(params, active, micro.share, run, factor, enterPhase, losses);
    const part = state?.reading(compute) ?? compute();
    sum.add(part.gradients);
    sums.add(gathered);
    values.push(part.values);
  }
  return { gradients: sum.end() ?? {}, values, gathered: sums.end() ?? {} };
}

/** Where a training stands, for a part of it; the method's stream of random numbers is the step's own. */
export function standing(
  { stage, seed, state, totalSteps = 1 }: StepOptions,
  part: string,
  step: number,
): Standing {
  const rng = part === "method"
    ? Rng.of(seed, "step", stage, step)
    : Rng.of(seed, "step", stage, step, part);
  return { step, totalSteps, rng, params: paramsOf(state, part) };
}

/**
 * Applies gradients with the optimizer, and lets method and losses change what they keep.
 *
 * @param options the optimizer
 * @param computed gradients of the whole batch and what was gathered; disposed
 * @param active losses that count in this step
 * @param step from 0
 */
export function applyGradients(
  options: StepOptions,
  { gradients, gathered = {} }: Pick<StepGradients, "gradients" | "gathered">,
  active: readonly WeightedLoss[],
  step: number,
): void {
  const { optimizer, model, enterPhase = unobserved } = options;
  using _ = enterPhase("optimizer");
  tf.tidy(() => optimizer.update(gradients, step));
  tf.dispose(gradients);
  for (const { part, plugin } of trainingParts(options.method, active)) {
    const training = () => ({ ...standing(options, part, step), model });
    tf.tidy(() => plugin.afterStep?.(gatheredBy(part, gathered), training()));
  }
  tf.dispose(gathered);
}

/** Runs the method on a micro-batch. Random numbers depend on seed, stage, step, view and a sample's place in the whole batch. */
function forward(
  options: StepOptions,
  micro: MicroBatch,
  at: MicroStanding,
  step: number,
  keeps: boolean,
): LossInput {
  const { stage, seed, model, method, recompute } = options;
  return method.step(tensorBatch(micro), {
    ...at,
    model,
    context: (view) => ({
      training: true,
      ...recompute && { recompute },
      ...keeps && { runningStatistics: "keep" as const },
      rng: (sample, purpose) =>
        Rng.of(seed, "pass", stage, step, view, micro.from + sample, purpose),
    }),
  });
}
