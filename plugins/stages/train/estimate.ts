import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../../../core/batch.ts";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { StageEstimate, StagePlan } from "../../../core/contracts/stage.ts";
import { trace } from "../../../core/estimate/trace.ts";
import { sumWork } from "../../../core/estimate/work.ts";
import { Model } from "../../../core/model.ts";
import { Rng } from "../../../core/rng.ts";
import type { Raster, Sample } from "../../../core/sample.ts";
import { microBatches } from "../../../core/trainer/micro_batch.ts";
import { takeStep } from "../../../core/trainer/step.ts";
import { wantsMask } from "./masks.ts";
import { zeroParameters } from "./parameters.ts";
import { makeParts, type Options, type Parts } from "./parts.ts";

/** What a step takes, and what a checkpoint holds. */
interface Cost {
  readonly parameters: number;
  readonly weightBytes: number;
  readonly stateBytes: number;
}

/** Size of the network's input: that of the split's first image, behind the transforms. */
async function inputSize(
  settings: Options,
  { maker }: StagePlan,
  dataset: Dataset,
  { backbone }: Parts,
): Promise<Raster> {
  let sample: Sample = await dataset.read(0, { mask: false });
  for (const [i, use] of settings.transforms.entries()) {
    const transform = await maker.create("transform", use, { normalization: backbone.input });
    sample = transform.apply(sample, Rng.of(0, "estimate", i));
  }
  return sample.image;
}

/** A batch of the right sizes. */
function emptyBatch(
  { width, height }: Raster,
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
  };
}

/** One optimizer step, all losses active, from parameters to the values of the losses. */
async function step(settings: Options, plan: StagePlan, parts: Parts, batch: Batch): Promise<Cost> {
  const params = zeroParameters(parts);
  const args = { params, totalSteps: 1 };
  const optimizer = await plan.maker.create("optimizer", settings.optimizer, args);
  const { method, losses, backbone, head } = parts;
  const model = new Model(backbone, head, params);
  const { clip } = settings;
  const options = {
    stage: plan.id,
    model,
    method,
    losses,
    optimizer,
    ...clip && { clip },
    seed: 0,
  };
  const micros = microBatches(batch, settings.batch.micro ?? settings.batch.size);
  tf.dispose(takeStep(options, losses, micros, 0));
  const elements = params.specs.map(({ shape }) => tf.util.sizeFromShape([...shape]));
  const parameters = elements.reduce((sum, count) => sum + count, 0);
  const state = Object.values(optimizer.state()).reduce((sum, { size }) => sum + size, 0);
  optimizer.dispose();
  params.dispose();
  return { parameters, weightBytes: 4 * parameters, stateBytes: 4 * state };
}

/**
 * What a training will take: one optimizer step of the real network, method, losses and optimizer, traced without computing, times the
 * number of steps.
 *
 * @param settings of the training
 * @param plan of the stage
 * @returns peak memory and work of all steps; the last and the best checkpoint
 */
export async function estimateTraining(settings: Options, plan: StagePlan): Promise<StageEstimate> {
  const { maker, base } = plan;
  const { split, batch: { size }, epochs, maxSteps = Infinity } = settings;
  const dataset = await maker.create("dataset", plan.dataset, { split, base });
  const parts = await makeParts(settings, dataset.classes.length, maker);
  const input = await inputSize(settings, plan, dataset, parts);
  const batch = emptyBatch(input, size, dataset, wantsMask(parts.method));
  const traced = await trace(() => step(settings, plan, parts, batch));
  const { parameters, weightBytes, stateBytes } = traced.result;
  const steps = Math.min(Math.floor(dataset.length / size) * epochs, maxSteps);
  return {
    reads: split,
    images: dataset.length,
    steps,
    samples: steps * size,
    parameters,
    // The last and the best; the optimizer's state is kept with the last.
    writeBytes: 2 * weightBytes + stateBytes,
    peakBytes: traced.peakBytes,
    work: sumWork([[traced.work, steps]]),
    notes: [`one step of batch ${size} at ${input.width}x${input.height} was traced`],
  };
}
