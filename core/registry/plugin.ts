import type * as z from "zod";
import type { Backbone, BackboneArgs } from "../contracts/backbone.ts";
import type { Backend } from "../contracts/backend.ts";
import type { DataCommands } from "../contracts/data_commands.ts";
import type { Dataset, DatasetArgs } from "../contracts/dataset.ts";
import type { Fixture } from "../contracts/fixture.ts";
import type { GroupPlugin } from "../contracts/group.ts";
import type { Head, HeadArgs } from "../contracts/head.ts";
import type { Loss } from "../contracts/loss.ts";
import type { Method } from "../contracts/method.ts";
import type { Metric } from "../contracts/metric.ts";
import type { Observer, ObserverArgs } from "../contracts/observer.ts";
import type { Optimizer, OptimizerArgs } from "../contracts/optimizer.ts";
import type { Refinement } from "../contracts/refinement.ts";
import type { Schedule } from "../contracts/schedule.ts";
import type { Stage } from "../contracts/stage.ts";
import type { TrainingArgs } from "../contracts/training_part.ts";
import type { Transform, TransformArgs } from "../contracts/transform.ts";
import type { View } from "../contracts/view.ts";
import type { Weights, WeightsArgs } from "../contracts/weights.ts";
import type { Limits } from "../recipe/limits.ts";
import type { Op } from "../contracts/op.ts";

/** Plugin kind → the type that `create` returns, and its arguments besides the options. */
export interface Contracts {
  /** Prepares tfjs. */
  backend: { plugin: Backend; args: undefined };
  /** The ranks that compute a run. */
  group: { plugin: GroupPlugin; args: undefined };
  /** Image → feature taps. */
  backbone: { plugin: Backbone; args: BackboneArgs | undefined };
  /** Taps and image → outputs. */
  head: { plugin: Head; args: HeadArgs };
  /** One training step. */
  method: { plugin: Method; args: TrainingArgs | undefined };
  /** The equivariant transformation A. */
  view: { plugin: View; args: undefined };
  /** Outputs of the views → scalar. */
  loss: { plugin: Loss; args: TrainingArgs | undefined };
  /** Gradients → parameters. */
  optimizer: { plugin: Optimizer; args: OptimizerArgs };
  /** Step → learning-rate factor. */
  schedule: { plugin: Schedule; args: undefined };
  /** Tensors → tensors. */
  op: { plugin: Op; args: undefined };
  /** Sample → sample. */
  transform: { plugin: Transform; args: TransformArgs };
  /** One split. */
  dataset: { plugin: Dataset; args: DatasetArgs };
  /** Scores and image → scores. */
  refinement: { plugin: Refinement; args: undefined };
  /** Predictions and truth → table. */
  metric: { plugin: Metric; args: undefined };
  /** File → state dict. */
  weights: { plugin: Weights; args: WeightsArgs };
  /** Artifacts → artifact. */
  stage: { plugin: Stage; args: undefined };
  /** Watches a run. */
  observer: { plugin: Observer; args: ObserverArgs };
  /** Recomputes golden files. */
  fixture: { plugin: Fixture; args: undefined };
}

/** A plugin kind's name. */
export type Kind = keyof Contracts;

/** Every kind; the type makes a forgotten one a compile error. */
export const KINDS: Readonly<Record<Kind, string>> = {
  backend: "prepares tfjs and says what it can do",
  group: "the threads or processes that compute a run together",
  backbone: "image → feature taps",
  head: "taps and image → outputs",
  method: "one training step: batch → views → outputs",
  view: "the equivariant transformation A of images and CAMs",
  loss: "outputs of the views → scalar",
  optimizer: "gradients → parameters",
  schedule: "step → learning-rate factor",
  op: "tensors → tensors, with kernels of its own; used by code, never named in a recipe",
  transform: "sample → sample, on the CPU, seeded",
  dataset: "one split of a data set",
  refinement: "scores and image → scores",
  metric: "predictions and truth → table",
  weights: "file → state dict",
  stage: "artifacts → artifact; what a recipe's `run:` names",
  observer: "watches a run",
  fixture: "recomputes golden files of one kind",
};

/** A plugin as a recipe names it: `{ use: name, ...options }`. */
export interface Use<K extends Kind = Kind> {
  /** The plugin's name. */
  readonly use: string;
  /** Only for the compiler: which kind this names. */
  readonly [kind]?: K;
  /** Its options; the plugin's schema checks them. */
  readonly [option: string]: unknown;
}
declare const kind: unique symbol;

/** Creates the plugins that a plugin's own options name. */
export interface PluginFactory {
  /** Bounds on what it may read, such as the pixels of an image: the recipe's `limits`. */
  readonly limits: Limits;
  /**
   * Makes a plugin of its options.
   *
   * @param kind the kind that the option's schema named with `ref(kind)`
   * @param use the option's value
   * @param args what the kind's contract asks for
   */
  create<K extends Kind>(
    kind: K,
    use: Use<K>,
    args: Contracts[K]["args"],
  ): Promise<Contracts[K]["plugin"]>;
}

/** A plugin: a name, a schema, a factory. */
export interface Plugin<
  K extends Kind = Kind,
  N extends string = string,
  S extends z.ZodObject = z.ZodObject,
> {
  /** Which contract it fulfils. */
  readonly kind: K;
  /** What a recipe calls it; unique among its kind. */
  readonly name: N;
  /** One line for `deno task plugins`. */
  readonly summary: string;
  /** Its options, without `use`; strict: `z.strictObject({...})`. */
  readonly options: S;
  /** Of a data set: its commands, which check or prepare files. */
  readonly data?: K extends "dataset" ? DataCommands : never;
  /** Makes it, for each use anew. @param options checked, with defaults filled in */
  create(
    options: z.output<S>,
    args: Contracts[K]["args"],
    factory: PluginFactory,
  ): Contracts[K]["plugin"] | Promise<Contracts[K]["plugin"]>;
}

/**
 * Defines a plugin. Returns it unchanged, typed: a plugin joins a run by being listed in a `Registry`.
 *
 * @param plugin kind, name, summary, options schema and factory
 * @returns the same value, frozen
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as z from "zod";
 * import { definePlugin } from "seamstress";
 * const constant = definePlugin({
 *   kind: "schedule",
 *   name: "constant",
 *   summary: "factor 1 throughout",
 *   options: z.strictObject({}),
 *   create: () => ({ factor: () => 1 }),
 * });
 * assertEquals(constant.name, "constant");
 * ```
 */
export function definePlugin<K extends Kind, N extends string, S extends z.ZodObject>(
  plugin: Plugin<K, N, S>,
): Plugin<K, N, S> {
  return Object.freeze(plugin);
}
