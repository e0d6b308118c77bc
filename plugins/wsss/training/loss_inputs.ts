import * as tf from "@tensorflow/tfjs";
import type { Outputs } from "../../../core/contracts/head.ts";
import type { LossInput } from "../../../core/contracts/method.ts";

/**
 * One output of one view.
 *
 * @param outputs what a head gave
 * @param name such as `cam_rv`
 * @returns `[N,H,W,1+C]`
 * @throws {Error} where the head gave none: a loss's `needs` is checked before training, so this is a defect of the caller
 */
export function output(outputs: Outputs, name: string): tf.Tensor4D {
  const tensor = outputs[name];
  if (tensor === undefined) {
    const found = Object.keys(outputs).join(", ");
    throw new Error(`Cannot compute a loss on output "${name}": the head gave ${found}`);
  }
  return tensor;
}

/**
 * The comparable outputs of a two-view method.
 *
 * @param input what the loss was given
 * @returns outputs of both views, position by position
 * @throws {Error} where the method provides none
 */
export function pair(input: LossInput): NonNullable<LossInput["pair"]> {
  if (input.pair === undefined) {
    throw new Error("Cannot compute a loss on a pair of views: the method provides none");
  }
  return input.pair;
}

/**
 * What else a method provides.
 *
 * @param input what the loss was given
 * @param name that the loss lists in `needs`
 * @returns its tensor
 * @throws {Error} where the method says that it provides it and does not
 */
export function provided(input: LossInput, name: string): tf.Tensor {
  const found = input.provided ?? {};
  if (Object.hasOwn(found, name)) return found[name]!;
  throw new Error(
    `Cannot compute a loss on "${name}": the method provides ${
      Object.keys(found).join(", ") || "nothing"
    }`,
  );
}

/**
 * Foreground channels.
 *
 * @param cam `[N,h,w,1+C]`
 * @returns `[N,h,w,C]`
 */
export function foreground(cam: tf.Tensor4D): tf.Tensor4D {
  return tf.slice(cam, [0, 0, 0, 1]);
}

/**
 * Puts a background of 0 before the foreground channels of a head that scores none.
 *
 * @param classes `[N,h,w,C]`
 * @returns `[N,h,w,1+C]`
 */
export function withBackground(classes: tf.Tensor4D): tf.Tensor4D {
  return tf.pad(classes, [[0, 0], [0, 0], [0, 0], [1, 0]]);
}

/**
 * Averages a loss over the views.
 *
 * @param input what the loss was given
 * @param one the loss of one view
 * @returns scalar
 */
export function meanOverViews(input: LossInput, one: (outputs: Outputs) => tf.Tensor): tf.Scalar {
  return tf.tidy(() => {
    const terms = input.views.map((outputs) => one(outputs).asScalar());
    const sum = terms.reduce((total, term) => tf.add<tf.Scalar>(total, term));
    return tf.div<tf.Scalar>(sum, terms.length);
  });
}
