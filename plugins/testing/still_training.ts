import { type LoadedRecipe, type Loss, Rng, type TrainingPart } from "seamstress";
import { workerModules } from "seamstress/plugins";
import {
  applyGradients,
  type Batch,
  KeptState,
  Loader,
  makeParts,
  microBatches,
  Model,
  ParamStore,
  type Parts,
  standing,
  stepGradients,
  stillOptimizer,
  type TrainingOptions,
  trainingParts,
} from "seamstress/wsss";
import * as tf from "@tensorflow/tfjs";
import { TRAIN } from "./mini_recipe.ts";

/** Numbers of a step, by what they are. */
export type Sums = Map<string, ArrayLike<number>>;

/** Keeps numbers of tensors. */
async function read(
  into: Sums,
  tensors: Readonly<Record<string, tf.Tensor>>,
  what: (name: string) => string,
): Promise<void> {
  for (const [name, tensor] of Object.entries(tensors)) into.set(what(name), await tensor.data());
}

/** A training whose parameters stay as they are drawn. */
export interface Training {
  /** Of its stage. */
  readonly settings: TrainingOptions;
  /** As many as steps. */
  readonly batches: readonly Batch[];
  /** Of its random numbers. */
  readonly seed: number;
  /** Makes network, method and losses anew. */
  make(): Promise<Parts>;
}

/**
 * Reads the batches of a training.
 *
 * @param loaded whose first stage it is
 * @param steps how many batches
 * @returns batches, and what computes them
 * @throws {TypeError} where a part says that it takes statistics over its micro-batch
 */
export async function openTraining(
  { recipe, registry, base, modules }: LoadedRecipe,
  steps: number,
): Promise<Training> {
  // Checked with the schema of stage `train`, whose options these are.
  const settings = recipe.stages[0] as unknown as TrainingOptions;
  const { split, transforms, batch } = settings;
  const dataset = await registry.create("dataset", recipe.dataset, { split, base });
  const make = () => makeParts(settings, dataset.classes.length, registry);
  const { backbone, method, ...rest } = await make();
  refuseStatistics({ backbone, method, ...rest });
  await using loader = await Loader.open({
    modules: [...workerModules, ...modules],
    dataset: recipe.dataset,
    split,
    base,
    transforms,
    normalization: backbone.input,
    seed: recipe.seed,
    batchSize: batch.size,
    workers: 0,
    stage: TRAIN,
    mask: method.targets?.includes("mask") ?? false,
  });
  const batches: Batch[] = [];
  for (let epoch = 0; batches.length < steps; epoch++) {
    for await (const loaded of loader.batches(epoch)) {
      if (batches.push(loaded) === steps) break;
    }
  }
  return { settings, batches, seed: recipe.seed, make };
}

function refuseStatistics({ backbone, head, method, losses }: Parts): void {
  const parts = { backbone, head, method } as Readonly<Record<string, Partial<TrainingPart>>>;
  const all = [
    ...Object.entries(parts),
    ...losses.map(({ name, loss }) => [`loss ${name}`, loss] as const),
  ];
  for (const [who, { statistics, overBatch }] of all as [string, Partial<Loss>][]) {
    if (statistics === undefined && !overBatch) continue;
    throw new TypeError(
      `Cannot compare micro-batches: the ${who} says that it is computed over ${
        statistics ?? "its micro-batch"
      }, so that another size is another computation`,
    );
  }
}

/**
 * Computes the steps of a training.
 *
 * @param training batches, and what computes them
 * @param size samples a micro-batch
 * @returns losses, gradients, what is gathered, and what is kept behind each step
 */
export async function sumsOf({ batches, seed, make }: Training, size: number): Promise<Sums> {
  const parts = await make(), { backbone, head, method, losses } = parts;
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(seed));
  const sums: Sums = new Map();
  try {
    using state = KeptState.create(parts, params, Rng.of(seed, "state", TRAIN));
    const model = new Model(backbone, head, params);
    const step = {
      stage: TRAIN,
      model,
      method,
      losses,
      optimizer: stillOptimizer,
      state,
      seed,
      totalSteps: batches.length,
    };
    for (const { part, plugin } of trainingParts(method, losses)) {
      tf.tidy(() => plugin.begin?.({ ...standing(step, part, 0), model }));
    }
    for (const [at, batch] of batches.entries()) {
      const active = losses.map((loss) => ({ ...loss, start: 0 }));
      const micros = microBatches(batch, size);
      const { values, gradients, gathered = {} } = stepGradients(step, active, micros, at);
      const number = ` in step ${at + 1}`;
      const means = await Promise.all(values.map((value) => value.data()));
      for (const [k, { name }] of losses.entries()) {
        const mean = means.reduce((sum, row, i) => sum + micros[i]!.share * row[k]!, 0);
        sums.set(`loss ${name}${number}`, [mean]);
      }
      await read(sums, gradients, (name) => `gradient of ${name}${number}`);
      await read(sums, gathered, (name) => `${name} gathered${number}`);
      tf.dispose(values);
      applyGradients(step, { gradients, gathered }, active, at);
      const kept = state.kept.specs.map(({ name }) => [name, state.kept.get(name)] as const);
      await read(sums, Object.fromEntries(kept), (name) => `${name} behind step ${at + 1}`);
    }
  } finally {
    params.dispose();
  }
  return sums;
}
