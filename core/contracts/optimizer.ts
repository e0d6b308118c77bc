import type * as tf from "@tensorflow/tfjs";
import type { Params } from "./params.ts";
import type { Schedule } from "./schedule.ts";

/** What an optimizer is created with. */
export interface OptimizerArgs {
  /** What it changes. */
  readonly params: Params;
  /** Optimizer steps of the whole training. */
  readonly totalSteps: number;
}

/** Parameter name → gradient of the variable's own shape. */
export type Gradients = Readonly<Record<string, tf.Tensor>>;

/** Contract of kind `optimizer`. */
export interface Optimizer {
  /** Factor of the learning rate, step by step. */
  readonly schedule: Schedule;
  /** Learning rate of each parameter group at a step, for logs. */
  rates(step: number): readonly number[];
  /** Applies one update in place; `step` counts from 0. The caller disposes the gradients. */
  update(gradients: Gradients, step: number): void;
  /** State by name (`momentum/b4.conv_branch1.weight`), shapes as the variables'; owned by the optimizer. */
  state(): Readonly<Record<string, tf.Tensor>>;
  /** Copies a state in; throws on a missing or mis-shaped entry. */
  restore(state: Readonly<Record<string, tf.Tensor>>): void;
  /** Frees its state, not the parameters. */
  dispose(): void;
}
