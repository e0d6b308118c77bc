import type * as tf from "@tensorflow/tfjs";
import type { Rng } from "../rng.ts";
import type { TapSpec } from "./backbone.ts";
import type { Network } from "./network.ts";
import type { Params, ParamSpec } from "./params.ts";

/** What methods and losses are created with in a training; undefined outside of one. */
export interface TrainingArgs {
  /** Foreground classes C. */
  readonly classes: number;
  /** The backbone's, by depth. */
  readonly taps: readonly TapSpec[];
  /** Names of what the head gives. */
  readonly outputs: readonly string[];
  /** Every parameter and buffer of the network. */
  readonly network: readonly ParamSpec[];
}

/** Where a training stands, for a method or a loss. */
export interface Standing {
  /** Optimizer steps before this one. */
  readonly step: number;
  /** Optimizer steps of the whole schedule. */
  readonly totalSteps: number;
  /** One stream a step, the same for every micro-batch of it: what is drawn for the whole batch (A's angle) comes from here. */
  readonly rng: Rng;
  /** Its own state, by the names in `params`. Micro-batches read it; `begin` and `afterStep` may assign to it too. */
  readonly params: Params;
}

/** What a method or a loss hands from the micro-batches of a step to `afterStep`; detached from gradients. */
export interface Gather {
  /** Adds a value to the sum over all micro-batches of the step, of every rank: the same shape in each. Once a name and micro-batch. */
  sum(name: string, value: tf.Tensor): void;
  /** Puts rows of this micro-batch's samples, `[n,…]`, at their places among those of the whole batch, `[N,…]`. */
  rows(name: string, value: tf.Tensor): void;
}

/** Where a training stands, in one of a step's micro-batches. */
export interface MicroStanding extends Standing {
  /** Row of the batch that the micro-batch begins with: sample i draws from `rng.child(purpose, firstRow + i)`. */
  readonly firstRow: number;
  /** Hands values on to `afterStep`. */
  readonly gather: Gather;
}

/** What methods and losses have in common: state across steps. */
export interface TrainingPart {
  /**
   * Parameters and buffers that it keeps across steps, such as a memory of prototypes or a teacher's weights. They are in checkpoints,
   * and trained where `trainable` says so, as `method/NAME` and `losses/LOSS/NAME`; inference does not have them.
   */
  readonly params?: readonly ParamSpec[];
  /** Samples that what it computes is taken over, as {@linkcode Head.statistics}: a micro-batch must have as many. */
  readonly statistics?: "batch" | number;
  /** Called once, where a training begins: gives buffers their first values, such as the network's own. The same on every rank. */
  begin?(training: Standing & { readonly model: Network }): void;
  /**
   * Called once a step on every rank, behind the optimizer: the one place where buffers change. It computes them from what was
   * gathered, summed in a fixed order over micro-batches and ranks, from the parameters, and from nothing else.
   */
  afterStep?(
    gathered: Readonly<Record<string, tf.Tensor>>,
    training: Standing & { readonly model: Network },
  ): void;
}
