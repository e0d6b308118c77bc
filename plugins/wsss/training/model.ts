import type * as tf from "@tensorflow/tfjs";
import type { Backbone, Taps } from "../../../core/contracts/backbone.ts";
import type { Head, Outputs } from "../../../core/contracts/head.ts";
import { storingActivations } from "../../ops/precision.ts";
import type { Params } from "../../../core/contracts/params.ts";
import type { Network } from "../../../core/contracts/network.ts";
import type { ForwardContext } from "../../../core/contracts/forward_context.ts";

/** A backbone, a head and their parameters. */
export class Model implements Network {
  /**
   * Puts a network together.
   *
   * @param backbone image → taps
   * @param head taps → outputs
   * @param params holds every parameter that the two name; owned by the caller
   */
  constructor(
    readonly backbone: Backbone,
    readonly head: Head,
    readonly params: Params,
  ) {}

  /**
   * Runs the network.
   *
   * @param image `[N,H,W,3]` float32, normalised as `backbone.input` says
   * @param context training or inference
   * @returns the head's outputs
   */
  forward(image: tf.Tensor4D, context: ForwardContext): Outputs {
    return this.head.forward(this.taps(image, context), image, this.params, context);
  }

  /**
   * Runs the backbone; its maps are stored as the backend's precision says.
   *
   * @param image `[N,H,W,3]` float32, normalised as `backbone.input` says
   * @param context training or inference
   * @returns the backbone's taps
   */
  taps(image: tf.Tensor4D, context: ForwardContext): Taps {
    return storingActivations(() => this.backbone.forward(image, this.params, context));
  }
}
