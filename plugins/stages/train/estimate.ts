import * as tf from "@tensorflow/tfjs";
import {
  type Dataset,
  type Raster,
  Rng,
  type Sample,
  type StageEstimate,
  type StagePlan,
} from "seamstress";
import {
  type Batch,
  KeptState,
  makeOptimizer,
  makeParts,
  microBatches,
  Model,
  type Parts,
  sumWork,
  takeStep,
  type Trace,
  trace,
  type TrainingOptions as Options,
  zeroParameters,
} from "seamstress/wsss";
import { wantsMask } from "./masks.ts";
import { rowsOf } from "./shares.ts";
import { microOf } from "./micro.ts";

/** The cost of a step and the size of a checkpoint. */
export interface Cost {
  readonly parameters: number;
  readonly weightBytes: number;
  readonly stateBytes: number;
}

/**
 * Finds the size of the network's input: that of the split's first image, behind the transforms.
 *
 * @param settings of the training
 * @param plan of the stage
 * @param dataset its split
 * @param parts of which the backbone is the network's
 * @returns the image
 */
export async function inputSize(
  settings: Options,
  plan: StagePlan,
  dataset: Dataset,
  parts: Parts,
): Promise<Raster> {
  return (await firstSample(settings, plan, dataset, parts)).image;
}

/** One sample behind the transforms, with its maps. */
async function firstSample(
  settings: Options,
  { factory }: StagePlan,
  dataset: Dataset,
  { backbone }: Parts,
): Promise<Sample> {
  let sample: Sample = await dataset.read(0, { mask: false, maps: true });
  for (const [i, use] of settings.transforms.entries()) {
    const transform = await factory.create("transform", use, { normalization: backbone.input });
    sample = transform.apply(sample, Rng.of(0, "estimate", i));
  }
  return sample;
}

/** A batch of the right sizes. */
function emptyBatch(
  { image: { width, height }, maps = {} }: Sample,
  size: number,
  dataset: Dataset,
  mask: boolean,
): Batch {
  const classes = dataset.classes.length;
  return {
    indices: Array.from({ length: size }, (_, i) => i),
    names: Array.from({ length: size }, (_, i) => dataset.name(i)),
    shape: [size, height, width, 3],
    image: new Float32Array(size * height * width * 3),
    label: new Float32Array(size * classes),
    classes,
    ...mask && { mask: new Uint8Array(size * height * width) },
    maps: Object.fromEntries(
      Object.entries(maps).map(([name, { channels, data }]) => [
        name,
        { channels, data: new Float32Array(size * data.length) },
      ]),
    ),
  };
}

/** One optimizer step, all losses active, from parameters to the values of the losses. */
async function step(
  settings: Options,
  plan: StagePlan,
  { parts, batch, micro }: { parts: Parts; batch: Batch; micro: number },
): Promise<Cost> {
  const params = zeroParameters(parts);
  using state = KeptState.create(parts, params, Rng.of(0));
  const args = { params: state.trained, totalSteps: 1 };
  const optimizer = await makeOptimizer(settings, plan.factory, args);
  const { method, losses, backbone, head } = parts;
  const model = new Model(backbone, head, params);
  const { recompute } = settings;
  const options = {
    stage: plan.id,
    model,
    method,
    losses,
    state,
    optimizer,
    ...recompute && { recompute },
    seed: 0,
  };
  const micros = microBatches(batch, micro);
  tf.dispose(takeStep(options, losses, micros, 0));
  const elements = params.specs.map(({ shape }) => tf.util.sizeFromShape([...shape]));
  const parameters = elements.reduce((sum, count) => sum + count, 0);
  const stored = [...Object.values(optimizer.state()), ...state.kept.specs]
    .reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);
  optimizer.dispose();
  params.dispose();
  return { parameters, weightBytes: 4 * parameters, stateBytes: 4 * stored };
}

/** A training whose steps can be traced. */
export interface TracedTraining {
  readonly dataset: Dataset;
  readonly input: Raster;
  readonly parts: Parts;
  /** Traces one step of a batch in micro-batches. */
  trace(size: number, micro: number): Promise<Trace<Cost>>;
}

/**
 * Prepares tracing steps of a training.
 *
 * @param settings of the training
 * @param plan of the stage
 * @returns its parts, and a function that traces a step of them
 */
export async function traceTraining(settings: Options, plan: StagePlan): Promise<TracedTraining> {
  const { factory, base } = plan;
  const dataset = await factory.create("dataset", plan.dataset, { split: settings.split, base });
  const parts = await makeParts(settings, dataset.classes.length, factory);
  const sample = await firstSample(settings, plan, dataset, parts);
  return {
    dataset,
    input: sample.image,
    parts,
    trace: (size, micro) => {
      const batch = emptyBatch(sample, size, dataset, wantsMask(parts.method));
      return trace(() => step(settings, plan, { parts, batch, micro }));
    },
  };
}

/**
 * Estimates the cost of a training: one optimizer step of the real network, method, losses and optimizer, traced without
 * computing, times the number of steps.
 *
 * @param settings of the training
 * @param plan of the stage
 * @returns peak memory and work of all steps; the last and the best checkpoint
 */
export async function estimateTraining(settings: Options, plan: StagePlan): Promise<StageEstimate> {
  const { split, batch: { size }, epochs, maxSteps = Infinity } = settings;
  const training = await traceTraining(settings, plan);
  const { dataset, input } = training;
  const micro = microOf(settings, plan.chosen);
  // Every rank has as much to do and to hold.
  const { ranks = 1 } = plan;
  const rows = rowsOf(size, micro, { rank: 0, size: ranks });
  const traced = await training.trace(rows ? rows.to : size, micro);
  const { parameters, weightBytes, stateBytes } = traced.result;
  const steps = Math.min(Math.floor(dataset.length / size) * epochs, maxSteps);
  return {
    reads: split,
    images: dataset.length,
    steps,
    samples: steps * size,
    parameters,
    // The last two and the best; the optimizer's state is kept with the last two.
    writeBytes: 3 * weightBytes + 2 * stateBytes,
    peakBytes: traced.held.used * ranks,
    work: sumWork([[traced.work, steps * ranks]]),
    notes: [
      ...settings.validate ? [`validation on ${settings.validate.split} is not counted`] : [],
      `one step of batch ${size} at ${input.width}x${input.height} was traced${
        micro === size ? "" : `, in micro-batches of ${micro}`
      }${ranks === 1 ? "" : ` on ${ranks} ranks`}${
        settings.batch.micro === "auto" ? ", the largest that fit" : ""
      }`,
    ],
  };
}
