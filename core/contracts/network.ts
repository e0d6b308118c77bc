import type * as tf from "@tensorflow/tfjs";
import type { Backbone, Taps } from "./backbone.ts";
import type { ForwardContext } from "./forward_context.ts";
import type { Head, Outputs } from "./head.ts";
import type { Params } from "./params.ts";

/** A backbone, a head and their parameters. */
export interface Network {
  /** Gives taps of an image. */
  readonly backbone: Backbone;
  /** Gives outputs of taps and image. */
  readonly head: Head;
  /** Holds every parameter that the two name. */
  readonly params: Params;
  /** Runs the network. @param image `[N,H,W,3]` float32, normalised as `backbone.input` says @returns the head's outputs */
  forward(image: tf.Tensor4D, context: ForwardContext): Outputs;
  /** Runs the backbone alone. @param image as for `forward` @returns its taps */
  taps(image: tf.Tensor4D, context: ForwardContext): Taps;
}
