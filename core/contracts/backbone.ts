import type * as tf from "@tensorflow/tfjs";
import type { Params, ParamSpec } from "./params.ts";
import type { ForwardContext } from "./forward_context.ts";

/** A named intermediate result of a backbone. */
export interface TapSpec {
  /** The field's name, such as `conv4`. */
  readonly name: string;
  /** What it is: a map `[N,h,w,C]` where left out, tokens in a row `[N,1,T,C]`, or attention `[N,heads,T,T]`, row i what token i reads. */
  readonly kind?: "tokens" | "attention";
  /** Of tokens and attention: how many tokens come first that have no place in the image, such as a class token. */
  readonly prefix?: number;
  /** Number of channels; of attention, of heads. */
  readonly channels: number;
  /** Input pixels per pixel of the tap. */
  readonly stride: number;
}

/** How an image is normalised before it enters the network: `(rgb / 255 - mean) / std`. */
export interface Normalization {
  /** Taken off each of red, green and blue in 0..1. */
  readonly mean: readonly [number, number, number];
  /** What the difference is divided by. */
  readonly std: readonly [number, number, number];
}

/** What a backbone is created with. */
export interface BackboneArgs {
  /** Foreground classes C, for one that has a token for each. */
  readonly classes: number;
}

/** Tap name → float32, in the shape of its kind. */
export type Taps = Readonly<Record<string, tf.Tensor4D>>;

/** Contract of kind `backbone`: image → feature taps. */
export interface Backbone {
  /** Taps by depth; the last is what a classifier sees, a map. */
  readonly taps: readonly TapSpec[];
  /** Every parameter and buffer, by the names that files have. */
  readonly params: readonly ParamSpec[];
  /** How images must be normalised. */
  readonly input: Normalization;
  /** Names of the blocks that it runs by `runInBlock`, so that a training may compute them again in the backward pass. */
  readonly blocks?: readonly string[];
  /**
   * Samples that its training statistics (batch norm's) are taken over: all of the batch, or so many. The micro-batch must have as
   * many, since the result depends on it. Without it, micro-batches of any size give the same.
   */
  readonly statistics?: "batch" | number;
  /** What a weights file's card may state and must then equal, such as `{ padding: "same" }`. */
  readonly card?: Readonly<Record<string, string>>;
  /** Images must have sides that are multiples of this, such as a patch; inference rounds its views to them. Any, where left out. */
  readonly sideMultiple?: number;
  /** Runs the network. @param image `[N,H,W,3]` float32, normalised by `input`. */
  forward(image: tf.Tensor4D, params: Params, context: ForwardContext): Taps;
}
