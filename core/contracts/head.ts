import type * as tf from "@tensorflow/tfjs";
import type { Params, ParamSpec } from "./params.ts";
import type { ForwardContext } from "./forward_context.ts";
import type { Taps, TapSpec } from "./backbone.ts";

/** Output name → tensor; `cam` and `cam_rv` are `[N,H,W,1+C]` at the input's size, channel 0 background. */
export type Outputs = Readonly<Record<string, tf.Tensor4D>>;

/** What a head is created with. */
export interface HeadArgs {
  /** The backbone's, by depth. */
  readonly taps: readonly TapSpec[];
  /** Foreground classes C; the background is one more. */
  readonly classes: number;
}

/** Contract of kind `head`: taps and image → outputs. */
export interface Head {
  /** Names of what it gives. */
  readonly outputs: readonly string[];
  /** Every parameter and buffer, by the names that files have. */
  readonly params: readonly ParamSpec[];
  /**
   * Samples that its training statistics (batch norm's) are taken over: all of the batch, or so many. The micro-batch must have as
   * many, since the result depends on it. Without it, micro-batches of any size give the same.
   */
  readonly statistics?: "batch" | number;
  /** Runs the head. @param image `[N,H,W,3]` float32, normalised; the network's input. */
  forward(taps: Taps, image: tf.Tensor4D, params: Params, context: ForwardContext): Outputs;
}
