import * as z from "zod";
import type { Backbone } from "../../../core/contracts/backbone.ts";
import type { Head } from "../../../core/contracts/head.ts";
import type { Method } from "../../../core/contracts/method.ts";
import type { Optimizer, OptimizerArgs } from "../../../core/contracts/optimizer.ts";
import { userError } from "../../../core/errors.ts";
import type { PluginFactory, Use } from "../../../core/registry/plugin.ts";
import { pluginOption } from "../../../core/registry/plugin_option.ts";
import type { WeightedLoss } from "../../../core/trainer/gradients.ts";
import type { TrainingArgs } from "../../../core/contracts/training_part.ts";
import { withClipping } from "../optimizers/clip.ts";
import { createNetwork } from "./create_network.ts";
import type { TrainingSchema } from "./training_schema.ts";

/** TrainingOptions of a training. */
export const trainingOptions: TrainingSchema = z.strictObject({
  split: z.string().min(1).describe("Split of the data set to train on"),
  masks: z.string().min(1).optional().describe(
    "Earlier stage whose masks are learned from; the data set's without it",
  ),
  backbone: pluginOption("backbone", {
    weights: pluginOption("weights").optional().describe(
      "Where its parameters start; random without",
    ),
  }).describe("Image → feature taps"),
  head: pluginOption("head").describe("Feature taps → outputs"),
  method: pluginOption("method").describe("What one training step does"),
  losses: z.array(pluginOption("loss", {
    weight: z.union([
      z.number(),
      pluginOption("schedule", {
        times: z.number().default(1).describe("What the schedule's factor is multiplied by"),
      }),
    ]).default(1).describe("Factor in the total: a number, or a schedule"),
    start: z.int().min(0).default(0).describe("First optimizer step, from 0, that it counts in"),
    as: z.string().regex(
      /^(?!loss$)[A-Za-z0-9][\w.-]*$/,
      "expected letters, digits, '.', '_' or '-', and not loss, the total's",
    )
      .optional().describe("Name in logs, where a loss is used twice"),
  })).min(1).describe("Added up, each times its weight"),
  optimizer: pluginOption("optimizer").describe("Gradients → parameters, with its schedule"),
  clip: z.strictObject({
    norm: z.number().positive().describe("Largest global norm"),
    match: z.array(z.string()).default(["*"]).describe("Parameters that count, * for any text"),
  }).optional().describe("Gradient clipping"),
  batch: z.strictObject({
    size: z.int().min(1).describe("Samples an optimizer step"),
    micro: z.union([z.int().min(1), z.literal("auto")]).optional().describe(
      "Samples on the device at a time; gradients add up to those of the whole batch. auto: as many as fit its memory",
    ),
    runningStatistics: z.enum(["every", "first"]).optional().describe(
      "Where batch norm trains: which micro-batches of a step move its running statistics, every one in turn (the default) or the " +
        "first alone, as of PyTorch's DataParallel the first GPU's stay",
    ),
  }).describe("Batch size"),
  recompute: z.literal("blocks").optional().describe(
    "What the backward pass computes again instead of keeping it: blocks of the backbone; same gradients, less memory, more time",
  ),
  epochs: z.int().min(1).describe("Times through the split; the schedule's length"),
  maxSteps: z.int().min(1).optional()
    .describe("Stop after so many optimizer steps of the schedule"),
  transforms: z.array(pluginOption("transform")).describe("Sample → sample, in order, in Workers"),
  workers: z.int().min(0).max(64).default(1).describe(
    "Data-loading Workers; the pixels do not depend on it",
  ),
  validate: z.strictObject({
    split: z.string().min(1).describe("Split that is scored while it trains"),
    metric: z.union([pluginOption("metric"), z.array(pluginOption("metric")).min(1)])
      .describe("What to measure, as stage evaluate does, at the image's size"),
    every: z.int().min(1).default(1).describe("Epochs, or steps, from one to the next"),
    unit: z.enum(["epochs", "steps"]).default("epochs").describe("Of every"),
    output: z.string().optional().describe(
      "Head output that gives the CAMs; cam_rv where the head has it, else cam",
    ),
  }).optional().describe("Scores the network on images that it does not learn from"),
  cams: z.strictObject({
    split: z.string().min(1).describe("Split whose images they are of"),
    images: z.int().min(1).max(64).default(6).describe(
      "How many images, labelled ones spread evenly over the split; the same each time",
    ),
    every: z.int().min(1).default(1).describe("Epochs, or steps, from one to the next"),
    unit: z.enum(["epochs", "steps"]).default("epochs").describe("Of every"),
    longSide: z.int().min(1).optional().describe("Reduce larger images to this long side first"),
    output: z.string().optional().describe(
      "Head output that gives the CAMs; cam_rv where the head has it, else cam",
    ),
  }).optional().describe(
    "Stores CAMs of a few images while it trains, to look at: the first and the newest; none where not given",
  ),
  best: z.strictObject({
    by: z.string().min(1).default("loss").describe(
      "What the checkpoint best is best by: loss, an epoch's mean total loss, or a number of validate's metrics such as map or miou",
    ),
    lowest: z.boolean().optional().describe(
      "Whether lower is better; of loss alone where not given",
    ),
    patience: z.int().min(1).optional().describe(
      "Stop early: after so many epochs, or validations, without a better one",
    ),
    leave: z.enum(["last", "best"]).default("last").describe("Which weights later stages get"),
  }).prefault({}).describe("Which weights are the best, and when to stop"),
  checkpointEvery: z.int().min(1).default(100).describe("Optimizer steps between checkpoints"),
});
/** TrainingOptions of a training, checked. */
export type TrainingOptions = z.output<typeof trainingOptions>;

/** What trains, made of plugins. */
export interface Parts {
  /** Gives taps of an image. */
  readonly backbone: Backbone;
  /** Gives outputs of taps. */
  readonly head: Head;
  /** What a step does with a batch. */
  readonly method: Method;
  /** What is added up, with weights. */
  readonly losses: readonly WeightedLoss[];
}

/**
 * Separates what the place adds to a plugin's options from the options.
 *
 * @param backbone as the recipe has it
 * @returns the plugin, and where its parameters start
 */
export function splitBackbone(
  backbone: TrainingOptions["backbone"],
): { use: Use<"backbone">; weights: Use<"weights"> | undefined } {
  const { weights, ...use } = backbone;
  return { use, weights };
}

/**
 * Makes what trains.
 *
 * @param settings which plugins
 * @param classes foreground classes
 * @param factory makes them
 * @returns network, method and losses
 * @throws {RangeError} where two losses have one name
 */
export async function makeParts(
  settings: Pick<TrainingOptions, "backbone" | "head" | "method" | "losses">,
  classes: number,
  factory: PluginFactory,
): Promise<Parts> {
  const network = { backbone: splitBackbone(settings.backbone).use, head: settings.head };
  const { backbone, head } = await createNetwork(network, classes, factory);
  const args: TrainingArgs = {
    classes,
    taps: backbone.taps,
    outputs: head.outputs,
    network: [...backbone.params, ...head.params],
  };
  const method = await factory.create("method", settings.method, args);
  const losses: WeightedLoss[] = [];
  for (const { weight, start, as, ...use } of settings.losses) {
    const name = as ?? use.use;
    if (losses.some((other) => other.name === name)) {
      throw userError(
        new RangeError(`Cannot use loss ${name} twice under one name: give one of them "as: name"`),
      );
    }
    const loss = await factory.create("loss", use, args);
    losses.push({ name, loss, start, ...await makeWeight(weight, factory) });
  }
  return { backbone, head, method, losses };
}

/** A loss's weight: a number, or a schedule and what it is multiplied by. */
async function makeWeight(
  weight: TrainingOptions["losses"][number]["weight"],
  factory: PluginFactory,
): Promise<Pick<WeightedLoss, "weight" | "schedule">> {
  if (typeof weight === "number") return { weight };
  const { times, ...use } = weight;
  return { weight: times, schedule: await factory.create("schedule", use, undefined) };
}

/**
 * Makes the optimizer, with gradient clipping where the recipe asks for it.
 *
 * @param settings of the training
 * @param factory makes it
 * @param args what it is built for
 * @returns the optimizer; owned by the caller
 */
export async function makeOptimizer(
  settings: Pick<TrainingOptions, "optimizer" | "clip">,
  factory: PluginFactory,
  args: OptimizerArgs,
): Promise<Optimizer> {
  const optimizer = await factory.create("optimizer", settings.optimizer, args);
  return settings.clip ? withClipping(optimizer, settings.clip, args.params) : optimizer;
}
