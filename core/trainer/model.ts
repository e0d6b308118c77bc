import type * as tf from "@tensorflow/tfjs";
import type { Backbone, Taps } from "../contracts/backbone.ts";
import type { Head, Outputs } from "../contracts/head.ts";
import { storingActivations } from "../contracts/storage.ts";
import type { ParamStore } from "./params.ts";
import type { Pass } from "../contracts/forward_context.ts";

/** A backbone, a head and their parameters. */
export class Model {
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
    readonly params: ParamStore,
  ) {}

  /**
   * Runs the network.
   *
   * @param image `[N,H,W,3]` float32, normalised as `backbone.input` says
   * @param pass training or inference
   * @returns the head's outputs
   */
  forward(image: tf.Tensor4D, pass: Pass): Outputs {
    return this.head.forward(this.taps(image, pass), image, this.params, pass);
  }

  /**
   * Runs the backbone; its maps are stored as the backend's precision says.
   *
   * @param image `[N,H,W,3]` float32, normalised as `backbone.input` says
   * @param pass training or inference
   * @returns the backbone's taps
   */
  taps(image: tf.Tensor4D, pass: Pass): Taps {
    return storingActivations(() => this.backbone.forward(image, this.params, pass));
  }
}
