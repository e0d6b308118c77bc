import * as z from "zod";
import type { Backbone } from "../../core/contracts/backbone.ts";
import type { Head } from "../../core/contracts/head.ts";
import type { Method } from "../../core/contracts/method.ts";
import type { StageContext, StagePlan } from "../../core/contracts/stage.ts";
import { mistake } from "../../core/errors.ts";
import { Checkpoints } from "../../core/checkpoint.ts";
import { Loader } from "../../core/loader.ts";
import { Model } from "../../core/model.ts";
import { ParamStore } from "../../core/params.ts";
import { definePlugin, type Maker, type Use } from "../../core/plugin.ts";
import { ref } from "../../core/ref.ts";
import { Rng } from "../../core/rng.ts";
import { train } from "../../core/trainer.ts";
import type { WeightedLoss } from "../../core/trainer/gradients.ts";
import { checkMasks, findMasks, wantsMask } from "./train/masks.ts";
import { checkCard, readPretrained } from "./train/pretrained.ts";
import { checkNormalization } from "./train/normalization.ts";
import { checkStatistics } from "./train/statistics.ts";

const options = z.strictObject({
  split: z.string().min(1).describe("Split of the data set to train on"),
  masks: z.string().min(1).optional().describe(
    "Earlier stage whose masks are learned from; the data set's without it",
  ),
  backbone: ref("backbone", {
    weights: ref("weights").optional().describe("Where its parameters start; random without"),
  }).describe("Image → feature taps"),
  head: ref("head").describe("Feature taps → outputs"),
  method: ref("method").describe("What one training step does"),
  losses: z.array(ref("loss", {
    weight: z.number().default(1).describe("Factor in the total"),
    start: z.int().min(0).default(0).describe("First optimizer step, from 0, that it counts in"),
    as: z.string().optional().describe("Name in logs, where a loss is used twice"),
  })).min(1).describe("Added up, each times its weight"),
  optimizer: ref("optimizer").describe("Gradients → parameters, with its schedule"),
  clip: z.strictObject({
    norm: z.number().positive().describe("Largest global norm"),
    match: z.array(z.string()).default(["*"]).describe("Parameters that count, * for any text"),
  }).optional().describe("Gradient clipping"),
  batch: z.strictObject({
    size: z.int().min(1).describe("Samples an optimizer step"),
    micro: z.int().min(1).optional()
      .describe("Samples on the device at a time; gradients add up to those of the whole batch"),
  }).describe("Batch size"),
  epochs: z.int().min(1).describe("Times through the split; the schedule's length"),
  maxSteps: z.int().min(1).optional()
    .describe("Stop after so many optimizer steps of the schedule"),
  transforms: z.array(ref("transform")).describe("Sample → sample, in order, in Workers"),
  workers: z.int().min(0).max(64).default(1).describe(
    "Data-loading Workers; the pixels do not depend on it",
  ),
  checkpointEvery: z.int().min(1).default(100).describe("Optimizer steps between checkpoints"),
});
type Options = z.output<typeof options>;

interface Parts {
  readonly backbone: Backbone;
  readonly head: Head;
  readonly method: Method;
  readonly losses: readonly WeightedLoss[];
}

/** Separates what the place adds to a plugin's options from the options. */
function splitBackbone(
  backbone: Options["backbone"],
): { use: Use<"backbone">; weights: Use<"weights"> | undefined } {
  const { weights, ...use } = backbone;
  return { use, weights };
}

async function makeParts(settings: Options, classes: number, maker: Maker): Promise<Parts> {
  const backbone = await maker.create("backbone", splitBackbone(settings.backbone).use, undefined);
  const head = await maker.create("head", settings.head, { taps: backbone.taps, classes });
  const method = await maker.create("method", settings.method, undefined);
  const losses: WeightedLoss[] = [];
  for (const { weight, start, as, ...use } of settings.losses) {
    const name = as ?? use.use;
    if (losses.some((other) => other.name === name)) {
      throw mistake(
        new RangeError(`Cannot use loss ${name} twice under one name: give one of them "as: name"`),
      );
    }
    losses.push({ name, loss: await maker.create("loss", use, undefined), weight, start });
  }
  return { backbone, head, method, losses };
}

/** Every loss and the method find what they read in the head's outputs and the method's provisions. */
function checkNeeds(id: string, settings: Options, { head, method, losses }: Parts): void {
  const has = [...head.outputs, ...method.provides];
  const users = [
    { what: `method ${settings.method.use}`, needs: method.needs },
    ...losses.map(({ name, loss }) => ({ what: `loss ${name}`, needs: loss.needs })),
  ];
  for (const { what, needs } of users) {
    const missing = needs.filter((need) => !has.includes(need));
    if (missing.length > 0) {
      throw mistake(
        new TypeError(
          `Cannot plan stage ${id}: ${what} needs ${
            missing.join(", ")
          }, but head ${settings.head.use} with ` +
            `method ${settings.method.use} gives ${has.join(", ")}`,
        ),
      );
    }
  }
}

async function check(settings: Options, plan: StagePlan): Promise<readonly string[]> {
  const { id, maker, base } = plan;
  const { size, micro = size } = settings.batch;
  if (micro > size) {
    throw mistake(
      new RangeError(
        `Cannot plan stage ${id}: batch.micro is ${micro}, expected at most batch.size ${size}`,
      ),
    );
  }
  const dataset = await maker.create("dataset", plan.dataset, { split: settings.split, base });
  if (dataset.length < size) {
    throw mistake(
      new RangeError(
        `Cannot plan stage ${id}: split ${settings.split} has ${dataset.length} images, batch.size is ${size}`,
      ),
    );
  }
  const parts = await makeParts(settings, dataset.classes.length, maker);
  checkNeeds(id, settings, parts);
  checkStatistics(id, parts.head, settings.batch);
  const steps = Math.floor(dataset.length / size) * settings.epochs;
  const idle = parts.losses.find(({ start }) => start >= steps);
  if (idle) {
    throw mistake(
      new RangeError(
        `Cannot plan stage ${id}: loss ${idle.name} starts at step ${idle.start}, but there are ${steps} steps`,
      ),
    );
  }
  checkNormalization(id, settings.transforms, parts.backbone.input);
  for (const use of settings.transforms) {
    await maker.create("transform", use, { normalization: parts.backbone.input });
  }
  const { weights } = splitBackbone(settings.backbone);
  const files: string[] = [];
  if (weights) {
    const reader = await maker.create("weights", weights, { base });
    await checkCard(id, reader, parts.backbone);
    const { size, mtime } = await Deno.stat(reader.path);
    files.push(`${reader.path} ${size} ${mtime?.getTime()}`);
  }
  await dataset.check({ mask: wantsMask(parts.method) && settings.masks === undefined });
  await checkMasks(settings, plan, parts.method, dataset);
  return [await dataset.fingerprint(), ...files];
}

async function run(settings: Options, context: StageContext) {
  const { id, maker, base, seed } = context;
  const dataset = await maker.create("dataset", context.dataset, { split: settings.split, base });
  const { backbone, head, method, losses } = await makeParts(
    settings,
    dataset.classes.length,
    maker,
  );
  const masks = await findMasks(settings.masks, dataset, context);
  const specs = [...backbone.params, ...head.params];
  const checkpoints = await Checkpoints.open(`${context.folder}/checkpoints`);
  const { weights } = splitBackbone(settings.backbone);
  const reader = weights && !(await checkpoints.last())
    ? await maker.create("weights", weights, { base })
    : undefined;
  // The file's content goes out of reach as soon as the parameters are made.
  const params = ParamStore.create(
    specs,
    Rng.of(seed),
    reader && await readPretrained(reader, specs),
  );
  try {
    await using loader = await Loader.open({
      modules: context.workerModules,
      dataset: context.dataset,
      split: settings.split,
      base,
      transforms: settings.transforms,
      normalization: backbone.input,
      seed,
      batchSize: settings.batch.size,
      workers: settings.workers,
      stage: id,
      mask: wantsMask(method),
      ...masks !== undefined && { masks },
    });
    const optimizer = await maker.create("optimizer", settings.optimizer, {
      params,
      totalSteps: loader.stepsPerEpoch * settings.epochs,
    });
    try {
      await train({
        stage: id,
        model: new Model(backbone, head, params),
        method,
        losses,
        optimizer,
        ...settings.clip && { clip: settings.clip },
        batches: loader,
        epochs: settings.epochs,
        ...settings.maxSteps !== undefined && { maxSteps: settings.maxSteps },
        microBatch: settings.batch.micro ?? settings.batch.size,
        seed,
        backend: context.backend,
        checkpoints,
        checkpointEvery: settings.checkpointEvery,
        observers: context.observers,
      });
    } finally {
      optimizer.dispose();
    }
    const last = await checkpoints.last();
    if (!last) throw new Error(`Stage ${id} trained but left no checkpoint`);
    const path = `checkpoints/${last.weights.split("/").at(-1)}`;
    return {
      kind: "checkpoint",
      info: {
        weights: path,
        backbone: splitBackbone(settings.backbone).use,
        head: settings.head,
        classes: dataset.classes,
        split: settings.split,
        steps: last.step,
      },
      announce: { kind: "checkpoint", path: `stages/${id}/${path}` },
    };
  } finally {
    params.dispose();
  }
}

/** Trains a backbone and a head by a method; what `run: train` names. */
export const trainStage = definePlugin({
  kind: "stage",
  name: "train",
  summary: "trains a backbone and a head by a method and its losses → checkpoint",
  options,
  create: (settings) => ({
    from: settings.masks === undefined ? [] : [settings.masks],
    gives: "checkpoint",
    neutral: ["workers", "checkpointEvery", "batch.micro"],
    check: (plan) => check(settings, plan),
    run: (context) => run(settings, context),
  }),
});
