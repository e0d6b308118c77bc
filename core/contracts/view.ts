import type * as tf from "@tensorflow/tfjs";
import type { Rng } from "../rng.ts";

/** A random equivariant transformation A after its parameters were drawn: the same for an image and for its CAMs. */
export interface DrawnView {
  /**
   * Transforms a batch of images or of maps.
   *
   * @param x `[N,H,W,C]` float32, any C; differentiable.
   * @returns `[N,H',W',C]`, H' and W' the same for every C.
   */
  apply(x: tf.Tensor4D): tf.Tensor4D;
}

/** Contract of kind `view`: draws A(·). SEAM eq. 3. */
export interface View {
  /** Draws one transformation, for a whole batch. */
  draw(rng: Rng): DrawnView;
}
