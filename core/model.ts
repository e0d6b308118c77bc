import type * as tf from "@tensorflow/tfjs";
import type { Backbone } from "./contracts/backbone.ts";
import type { Head, Outputs } from "./contracts/head.ts";
import type { ParamStore } from "./params.ts";
import type { Pass } from "./pass.ts";

/** A backbone, a head and their parameters. */
export class Model {
  /**
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
    return this.head.forward(
      this.backbone.forward(image, this.params, pass),
      image,
      this.params,
      pass,
    );
  }
}
