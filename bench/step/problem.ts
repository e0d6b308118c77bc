import * as tf from "@tensorflow/tfjs";
import { type Group, Registry, Rng, SINGLE, type StateArray, type StateDict } from "seamstress";
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
import { microSize, ownBatch } from "./own_batch.ts";
import { LOSSES, seamLosses } from "./seam_losses.ts";

/** Seed of all random numbers, and stage name of the trainer's random streams. */
export const SEED = 1, STAGE = "step";
/** The author code's; new layers learn ten times as fast. */
export const OPTIMIZER = { lr: 0.01, momentum: 0.0005, weightDecay: 0.0005 } as const;

const CLASSES = 20, PRESENT = 2;

/** What is trained. */
export interface Size {
  /** Channels of ResNet38's conv1a: 64 is full width. */
  readonly width: number;
  /** Width and height of the images. */
  readonly crop: number;
  readonly batch: number;
  /** Images on the device at a time. */
  readonly micro: number;
}

/** SEAM's training step on a random network and random images: neither changes time or memory. */
export interface Problem {
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
   * @param recompute what the backward pass computes again
   * @returns the losses of the whole batch, in the order of {@linkcode LOSSES}
   */
  step(step: number, recompute: boolean): Promise<number[]>;
  /** The same problem, of which each rank of a group computes its part; all go through the same calls. */
  among(group: Group): Problem;
}

/**
 * Makes a problem on the current backend.
 *
 * @param size of network and batch
 * @returns the problem, at its start
 */
export async function makeProblem(size: Size): Promise<Problem> {
  const registry = new Registry(plugins);
  const backbone = await registry.create(
    "backbone",
    { use: "resnet38", width: size.width },
    undefined,
  );
  const head = await registry.create("head", { use: "seam" }, {
    taps: backbone.taps,
    classes: CLASSES,
  });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(SEED));
  const model = new Model(backbone, head, params);
  const view = { use: "rescale", scale: 0.3 };
  const method = await registry.create("method", { use: "seam", view }, undefined);
  const losses = await seamLosses(registry);
  const makeOptimizer = () =>
    registry.create("optimizer", {
      use: "sgd",
      ...OPTIMIZER,
      groups: [{ pretrained: false, lr: 10 }],
    }, { params, totalSteps: 1 });
  let optimizer = await makeOptimizer();
  const state = withStatistics(await params.toStateDict());
  const batch = randomBatch(size);
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
  const among = (group: Group): Problem => {
    const ranks = new RankSums(group);
    const micros = microBatches(ownBatch(batch, group), microSize(size, group.size));
    return {
      state,
      trained: params.trainable().map(({ name }) => name),
      batch,
      reset,
      among,
      async step(step, recompute) {
        const options = { stage: STAGE, model, method, losses, optimizer, seed: SEED };
        const how = { ...options, ...recompute && { recompute: "blocks" as const } };
        const parts = await take(how, micros, step, ranks);
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

/** Gives the batch norms non-trivial statistics that keep activations bounded. */
function withStatistics(state: StateDict): StateDict {
  const ranges: Readonly<Record<string, readonly [number, number]>> = {
    weight: [0.25, 0.75],
    bias: [-0.1, 0.1],
    running_mean: [-0.1, 0.1],
    running_var: [0.5, 1.5],
  };
  return new Map([...state].map(([name, array]): [string, StateArray] => {
    const range = /^bn7\.|\.bn_/.test(name) && ranges[name.split(".").at(-1)!];
    if (!range) return [name, array];
    const rng = Rng.of(SEED, "statistics", name);
    const data = Float32Array.from(array.data as Float32Array, () => rng.uniform(...range));
    return [name, { ...array, data }];
  }));
}

/** Smooth noise plus fine noise, and two classes per image. */
function randomBatch({ crop, batch }: Size): Batch {
  const image = new Float32Array(batch * crop * crop * 3);
  const label = new Float32Array(batch * CLASSES);
  for (let n = 0; n < batch; n++) {
    const rng = Rng.of(SEED, "image", n);
    for (let i = 0; i < PRESENT; i++) label[n * CLASSES + rng.integer(CLASSES)] = 1;
    const waves = Array.from({ length: 3 }, () => [rng.uniform(0, 0.2), rng.uniform(0, 0.2)]);
    for (let i = 0; i < crop * crop; i++) {
      for (const [c, [down, across]] of waves.entries()) {
        const phase = down! * Math.floor(i / crop) + across! * (i % crop);
        image[(n * crop * crop + i) * 3 + c] = 1.5 * Math.sin(phase) + rng.uniform(-0.5, 0.5);
      }
    }
  }
  const indices = Array.from({ length: batch }, (_, i) => i);
  return {
    indices,
    names: indices.map(String),
    shape: [batch, crop, crop, 3],
    image,
    classes: CLASSES,
    label,
  };
}
