import type * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import type { Activation } from "../../ops/frozen_norm/normalized.ts";
import type { Params, ParamSpec } from "../../../core/contracts/params.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";
import { conv2d } from "../../ops/conv/conv2d.ts";
import type { ConvOptions } from "../../ops/conv/geometry.ts";
import { depthwiseConv2d } from "../../ops/depthwise/depthwise_conv2d.ts";
import {
  batchNormSpecs,
  frozenBatchNorm,
  frozenDepthwise,
  frozenPointwise,
} from "./frozen_batch_norm.ts";
import { trainedBatchNorm, trainedBatchNormSpecs } from "./trained_batch_norm.ts";

/** Schema of {@linkcode statisticsOption}. */
export type StatisticsOption = z.ZodDefault<
  z.ZodUnion<readonly [z.ZodLiteral<"batch">, z.ZodInt]>
>;

/** What the statistics of a batch norm that trains are taken over. */
export const statisticsOption: StatisticsOption = z.union([z.literal("batch"), z.int().min(1)])
  .default("batch")
  .describe(
    "samples that batch norm takes its statistics over: the whole batch, or as many as batch.micro has, which must be said " +
      "here since it changes the result",
  );

/**
 * Option: the momentum of running statistics, the part that a batch replaces.
 *
 * @param value what it is unless a recipe says otherwise
 * @returns its schema
 */
export function momentumOption(value: number): z.ZodDefault<z.ZodNumber> {
  return z.number().min(0).max(1).default(value).describe(
    "part of the running statistics that each batch replaces",
  );
}

/**
 * Option: how the batch norms of a backbone's trained blocks behave.
 *
 * @param momentum of those that train, unless a recipe says otherwise
 * @returns its schema
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normOption } from "seamstress/wsss";
 * assertEquals(normOption(0.1).parse(undefined), "frozen");
 * assertEquals(normOption(0.1).parse({ statistics: 5 }), { momentum: 0.1, statistics: 5 });
 * ```
 */
export function normOption(momentum: number): z.ZodDefault<
  z.ZodUnion<
    readonly [
      z.ZodLiteral<"frozen">,
      z.ZodObject<
        { momentum: z.ZodDefault<z.ZodNumber>; statistics: StatisticsOption },
        z.core.$strict
      >,
    ]
  >
> {
  const trained = z.strictObject({
    momentum: momentumOption(momentum),
    statistics: statisticsOption,
  });
  return z.union([z.literal("frozen"), trained]).default("frozen").describe(
    "batch norm of what trains: frozen (running statistics, weights and biases stay as loaded), or, with momentum and statistics, " +
      "trained (normalises by the batch, the running statistics follow)",
  );
}

/** Whether and how a batch norm trains. */
export type Norm = z.output<ReturnType<typeof normOption>>;

/**
 * Parameters of a batch norm in a pretrained network.
 *
 * @param name the module's name, such as `b4.bn_branch2a`
 * @param channels number of channels
 * @param norm whether it trains
 * @returns `weight`, `bias`, `running_mean`, `running_var`, each `[channels]`
 */
export function normSpecs(name: string, channels: number, norm: Norm): readonly ParamSpec[] {
  return norm === "frozen"
    ? batchNormSpecs(name, channels)
    : trainedBatchNormSpecs(name, channels, true);
}

/**
 * Names of the trainable parameters of a batch norm.
 *
 * @param name the module's name
 * @param norm whether it trains
 * @returns its weight and its bias, or none
 */
export function trainedNormNames(name: string, norm: Norm): readonly string[] {
  return norm === "frozen" ? [] : [`${name}.weight`, `${name}.bias`];
}

/** How {@linkcode normalize} normalises. */
export interface NormRun {
  /** How it normalises. */
  readonly norm: Norm;
  /** Holds its weights, biases and running statistics. */
  readonly params: Params;
  /** Training or inference. */
  readonly context: ForwardContext;
}

/**
 * Normalises, then activates: by the batch where the batch norm trains now, by the running statistics elsewhere.
 *
 * @param x `[N,H,W,C]` float32
 * @param name the module's name, whose parameters are those of {@linkcode normSpecs}
 * @param activation what follows
 * @param how whether it trains, parameters and pass
 * @returns `[N,H,W,C]`
 */
export function normalize(
  x: tf.Tensor4D,
  name: string,
  activation: Activation,
  { norm, params, context }: NormRun,
): tf.Tensor4D {
  if (norm === "frozen") return frozenBatchNorm(x, params, name, activation);
  return trainedBatchNorm(x, name, activation, { params, context, momentum: norm.momentum });
}

/** Whether a batch norm normalises by its running statistics. */
function isFixed({ norm, context }: NormRun): boolean {
  return norm === "frozen" || !context.training;
}

/** Does as {@linkcode normalize}, and disposes of what it normalised. */
function normalizeSpent(
  x: tf.Tensor4D,
  name: string,
  activation: Activation,
  how: NormRun,
): tf.Tensor4D {
  const y = normalize(x, name, activation, how);
  if (y !== x) x.dispose();
  return y;
}

/**
 * Convolves without bias, then does as {@linkcode normalize}; a 1 x 1 convolution and running statistics are one operation.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,D]` float32
 * @param options of the convolution
 * @param name the batch norm's module
 * @param activation what follows
 * @param how whether it trains, parameters and pass
 * @param spent whether x is disposed once it has been read
 * @returns `[N,h',w',D]`
 */
export function convolveAndNormalize(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: ConvOptions,
  name: string,
  activation: Activation,
  how: NormRun,
  spent = false,
): tf.Tensor4D {
  const [height, width] = filter.shape, { stride = 1, pad } = options;
  const pointwise = height * width * stride === 1 && (pad === 0 || pad === "same");
  const fused = isFixed(how) && pointwise;
  const first = fused
    ? frozenPointwise(x, filter, how.params, name, activation)
    : conv2d(x, filter, options);
  if (spent) x.dispose();
  return fused ? first : normalizeSpent(first, name, activation, how);
}

/**
 * Convolves channel by channel, without bias, then does as {@linkcode normalize}; with running statistics it is one operation.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,1]` float32
 * @param options of the convolution
 * @param name the batch norm's module
 * @param activation what follows
 * @param how whether it trains, parameters and pass
 * @returns `[N,h',w',C]`
 */
export function convolveDepthwiseAndNormalize(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: ConvOptions,
  name: string,
  activation: Activation,
  how: NormRun,
): tf.Tensor4D {
  if (isFixed(how)) {
    return frozenDepthwise(x, filter, options, how.params, name, activation);
  }
  return normalizeSpent(depthwiseConv2d(x, filter, options), name, activation, how);
}
