import * as tf from "@tensorflow/tfjs";
import {
  type BackendInfo,
  type Group,
  type Optimizer,
  Registry,
  Rng,
  SINGLE,
  type StateDict,
} from "seamstress";
import { storesHalves } from "seamstress/ops";
import { plugins } from "seamstress/plugins";
import {
  advance,
  type Batch,
  INITIAL_SCALE,
  type MicroBatch,
  microBatches,
  Model,
  ParamStore,
  RankSums,
  type StepOptions,
} from "seamstress/wsss";
import { type ImagesSize, randomBatch, SEED, withStatistics } from "./inputs.ts";
import { resnet38, type StepNetwork } from "./network.ts";
import { microSize, ownBatch } from "./own_batch.ts";
import { LOSSES, seamLosses } from "./seam_losses.ts";

export { SEED } from "./inputs.ts";

/** Stage name of the trainer's random streams. */
export const STAGE = "step";

/** What is trained. */
export interface Size extends ImagesSize {
  /** Channels of ResNet38's conv1a: 64 is full width. */
  readonly width: number;
  /** Images on the device at a time. */
  readonly micro: number;
}

/** How a step is taken. */
export interface StepHow {
  /** What the backward pass computes again. */
  readonly recompute?: "blocks" | undefined;
  /** Sees the gradients of the whole batch, which are freed behind it. */
  readonly see?: ((gradients: Readonly<Record<string, tf.Tensor>>) => void) | undefined;
}

/** SEAM's training step on a random network and random images: neither changes time or memory. */
export interface Problem {
  readonly network: StepNetwork;
  /** What the parameters are at the start. */
  readonly state: StateDict;
  /** Names of the parameters that train. */
  readonly trained: readonly string[];
  readonly batch: Batch;
  /** Takes the parameters and the optimizer back to the start. */
  reset(): Promise<void>;
  /**
   * Takes one step.
   *
   * @param step from 0
   * @param how it is computed
   * @returns the losses of the whole batch, in the order of {@linkcode LOSSES}
   */
  step(step: number, how?: StepHow): Promise<number[]>;
  /**
   * The same problem, of which each rank of a group computes its part; all go through the same calls.
   *
   * @param group as this rank sees it
   * @param how images on the device at a time, where not the size's; `view` of the rank's backend
   */
  among(group: Group, how?: { readonly micro?: number } & Pick<BackendInfo, "view">): Problem;
}

/**
 * Makes a problem on the current backend.
 *
 * @param size of network and batch
 * @param network default: ResNet38 of the size's width
 * @returns the problem, at its start
 */
export async function makeProblem(
  size: Size,
  network: StepNetwork = resnet38(size.width),
): Promise<Problem> {
  const registry = new Registry(plugins), { classes } = network;
  const backbone = await registry.create("backbone", network.backbone, undefined);
  const head = await registry.create("head", network.head, { taps: backbone.taps, classes });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(SEED));
  const model = new Model(backbone, head, params);
  const view = { use: "rescale", scale: network.scale };
  const method = await registry.create("method", { use: "seam", view }, undefined);
  const losses = await seamLosses(registry);
  const makeOptimizer = () =>
    registry.create("optimizer", {
      use: "sgd",
      ...network.optimizer,
      groups: [{ pretrained: false, lr: 10 }],
    }, { params, totalSteps: 1 });
  let optimizer = await makeOptimizer();
  const state = withStatistics(await params.toStateDict());
  const batch = randomBatch(size, classes);
  let scale = INITIAL_SCALE;
  /** As the trainer does. */
  const take = async (
    options: StepOptions,
    micros: readonly MicroBatch[],
    step: number,
    ranks: RankSums,
  ) => {
    const halves = storesHalves() ? scale : undefined;
    const taken = await advance(options, losses, micros, step, halves, ranks);
    const { values, overflow } = taken;
    if (overflow !== undefined) {
      const what = overflow.length > 0 ? `gradients of ${overflow.join(", ")}` : "losses";
      throw new RangeError(`Cannot take step ${step} of the benchmark: its ${what} are not finite`);
    }
    scale = taken.scale ?? scale;
    return values;
  };
  const restore = () => params.load(state, { from: "the benchmark" });
  restore();
  const reset = async () => {
    optimizer.dispose();
    optimizer = await makeOptimizer();
    scale = INITIAL_SCALE;
    restore();
  };
  const among: Problem["among"] = (group, { micro = size.micro, view } = {}) => {
    const ranks = new RankSums(group, undefined, view);
    const each = microSize({ ...size, micro }, group.size);
    const micros = microBatches(ownBatch(batch, group), each);
    return {
      ...{ network, state, batch, reset, among },
      trained: params.trainable().map(({ name }) => name),
      async step(step, { recompute, see } = {}) {
        const options: StepOptions = {
          ...{ stage: STAGE, model, method, losses, seed: SEED },
          optimizer: see ? watched(optimizer, see) : optimizer,
          ...recompute && { recompute },
        };
        const parts = await take(options, micros, step, ranks);
        const read = await Promise.all(parts.map((values) => values.data<"float32">()));
        tf.dispose(parts);
        return LOSSES.map((_, k) =>
          read.reduce((sum, values, i) => sum + values[k]! * micros[i]!.share, 0)
        );
      },
    };
  };
  return among(SINGLE);
}

/** An optimizer whose gradients are seen before they are applied. */
function watched(optimizer: Optimizer, see: NonNullable<StepHow["see"]>): Optimizer {
  return {
    schedule: optimizer.schedule,
    rates: (step) => optimizer.rates(step),
    update(gradients, step) {
      see(gradients);
      optimizer.update(gradients, step);
    },
    state: () => optimizer.state(),
    restore: (state) => optimizer.restore(state),
    dispose: () => optimizer.dispose(),
  };
}
