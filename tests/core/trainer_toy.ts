import * as tf from "@tensorflow/tfjs";
import { writeAtomic } from "../../core/run/atomic.ts";
import type { Batch } from "../../core/data/batch.ts";
import { assembleBatch } from "../../plugins/wsss/loading/assemble_batch.ts";
import { Checkpoints } from "../../plugins/wsss/training/checkpoints.ts";
import type { Backbone } from "../../core/contracts/backbone.ts";
import type { BackendInfo } from "../../core/contracts/backend.ts";
import type { Head } from "../../core/contracts/head.ts";
import type { Loss } from "../../core/contracts/loss.ts";
import type { Method } from "../../core/contracts/method.ts";
import type { Observer } from "../../core/contracts/observer.ts";
import { Model } from "../../plugins/wsss/training/model.ts";
import { joinObservers } from "../../core/run/observers.ts";
import { ParamStore } from "../../plugins/wsss/parameters/param_store.ts";
import { KeptState } from "../../plugins/wsss/training/kept_state.ts";
import type { StateDict } from "../../core/contracts/state_dict.ts";
import type { ParamSpec } from "../../core/contracts/params.ts";
import type { ForwardContext } from "../../core/contracts/forward_context.ts";
import type { Use } from "../../core/registry/plugin.ts";
import { Registry } from "../../core/registry/registry.ts";
import { Rng } from "../../core/rng.ts";
import { train, type TrainOptions } from "../../core/trainer/trainer.ts";
import { sgd } from "../../plugins/optimizers/sgd.ts";
import { type Clipping, withClipping } from "../../plugins/wsss/optimizers/clip.ts";
import { adam } from "../../plugins/optimizers/adam.ts";
import { constantSchedule } from "../../plugins/schedules/constant.ts";
import { polySchedule } from "../../plugins/schedules/poly.ts";

/** Samples of the toy data, and its foreground classes. */
export const SAMPLES = 24, CLASSES = 2;
const SIZE = 3;
const registry = new Registry([sgd, adam, constantSchedule, polySchedule]);

function weight(name: string): ParamSpec {
  return {
    name,
    shape: [1, 1, 3, 1 + CLASSES],
    layout: "conv",
    role: "weight",
    trainable: true,
    pretrained: false,
    init: { kind: "kaiming-normal", scale: 1 },
  };
}

/** Scales each sample by its own draw, as dropout would. */
const noisyInput: Backbone = {
  taps: [{ name: "x", channels: 3, stride: 1 }],
  params: [],
  input: { mean: [0, 0, 0], std: [1, 1, 1] },
  forward(image, _params, context: ForwardContext) {
    const scales = Array.from(
      { length: image.shape[0] },
      (_, i) => context.rng(i, "x").uniform(0.5, 1.5),
    );
    return { x: image.mul(tf.tensor4d(scales, [scales.length, 1, 1, 1])) };
  },
};

export const linear: Head = {
  outputs: ["cam", "aux"],
  params: [weight("fc.weight"), weight("aux.weight")],
  forward({ x }, _image, params) {
    const [n, h, w] = x!.shape;
    const apply = (name: string) =>
      x!.reshape([-1, 3]).matMul(params.get(name).reshape([3, 1 + CLASSES]))
        .reshape<tf.Tensor4D>([n, h, w, 1 + CLASSES]);
    return { cam: apply("fc.weight"), aux: apply("aux.weight") };
  },
};

/** One view, brightened by a draw for the whole batch. */
export const brighten: Method = {
  provides: [],
  needs: ["cam"],
  step({ image, targets }, { model, rng, context }) {
    return { targets, views: [model.forward(image.mul(rng.uniform(0.8, 1.2)), context(0))] };
  },
};

/** Mean square of what an output, averaged over positions, misses the label by. */
export function fit(output: string): Loss {
  return {
    needs: [output],
    compute({ targets, views }) {
      const scores = views[0]![output]!.mean([1, 2]).slice([0, 1], [-1, CLASSES]);
      return scores.sub(targets["label"]!).square().mean();
    },
  };
}

/** A batch of toy samples. */
export function batchOf(indices: readonly number[]): Batch {
  return assembleBatch(
    indices,
    indices.map((index) => {
      const rng = Rng.of(9, index);
      const data = Float32Array.from({ length: SIZE * SIZE * 3 }, () => rng.normal());
      return {
        name: `sample-${index}`,
        image: { width: SIZE, height: SIZE, channels: 3, data },
        label: Float32Array.from({ length: CLASSES }, () => rng.integer(2)),
      };
    }),
  );
}

/** Shuffled batches, as the loader gives them. */
export function toyBatches(batchSize: number): TrainOptions["batches"] {
  return {
    stepsPerEpoch: Math.floor(SAMPLES / batchSize),
    async *batches(epoch, fromStep) {
      const order = [...Rng.of(4, "shuffle", epoch).permutation(SAMPLES)];
      for (let step = fromStep; step < this.stepsPerEpoch; step++) {
        yield await Promise.resolve(batchOf(order.slice(step * batchSize, (step + 1) * batchSize)));
      }
    },
  };
}

/** A backend that reports no errors; the tests' own set-up checks the real one. */
export const quietBackend: BackendInfo = {
  name: "cpu",
  device: "the one that is set",
  software: true,
  maxTensorBytes: Infinity,
  check: () => Promise.resolve(),
  purge: () => {},
};

/** What a test changes of the toy training. */
export interface ToyOptions extends Partial<Omit<TrainOptions, "observers" | "optimizer">> {
  readonly folder: string;
  readonly batchSize?: number;
  readonly optimizer?: Use<"optimizer">;
  readonly clip?: Clipping;
  readonly observer?: Observer;
  /** Called before the first step. */
  readonly prepare?: (params: ParamStore) => void;
}

/**
 * Trains the toy network: 8 samples a step, 3 steps an epoch, 4 epochs.
 *
 * @returns the weights after it, and what method and losses kept, by name; and what `train` gave
 */
export async function trainToy(
  options: ToyOptions,
): Promise<{
  weights: Map<string, Float32Array>;
  kept: Map<string, Float32Array>;
  steps: number;
  totalSteps: number;
}> {
  const { folder, batchSize = 8, optimizer: use, clip, observer, prepare, ...rest } = options;
  const params = ParamStore.create(linear.params, Rng.of(1));
  prepare?.(params);
  const batches = rest.batches ?? toyBatches(batchSize);
  const epochs = rest.epochs ?? 4;
  const method = rest.method ?? brighten;
  const losses = rest.losses ?? [
    { name: "fit", loss: fit("cam"), weight: 1, start: 0 },
    { name: "aux", loss: fit("aux"), weight: 0.5, start: 0 },
  ];
  using state = KeptState.create({ method, losses }, params, Rng.of(2));
  const optimizer = await registry.create(
    "optimizer",
    use ?? { use: "sgd", lr: 0.05, momentum: 0.9, weightDecay: 0.01, schedule: "poly" },
    { params: state.trained, totalSteps: epochs * batches.stepsPerEpoch },
  );
  try {
    const result = await train({
      stage: "toy",
      model: new Model(noisyInput, linear, params),
      state,
      epochs,
      microBatch: batchSize,
      seed: 1,
      backend: quietBackend,
      checkpoints: await Checkpoints.open(folder, writeAtomic),
      checkpointEvery: 100,
      ...rest,
      method,
      losses,
      batches,
      optimizer: clip ? withClipping(optimizer, clip, params) : optimizer,
      observers: joinObservers(observer ? [observer] : []),
    });
    const values = (dict: StateDict) =>
      new Map([...dict].map(([name, { data }]) => [name, data as Float32Array]));
    const weights = values(await params.toStateDict());
    return { weights, kept: values(await state.kept.toStateDict()), ...result };
  } finally {
    optimizer.dispose();
    params.dispose();
  }
}

/** Runs a test with a folder of its own. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
