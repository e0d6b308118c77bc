import * as tf from "@tensorflow/tfjs";

/**
 * Replaces the background by what the foreground leaves: 1 − max over the foreground classes. Author code: `train_SEAM.py`.
 *
 * @param cam `[N,h,w,1+C]` float32 in 0..1, channel 0 background
 * @returns `[N,h,w,1+C]`, the foreground unchanged
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { completeBackground } from "seamstress/wsss";
 * const cam = tf.tensor4d([0, 0.25, 0.5], [1, 1, 1, 3]);
 * assertEquals([...completeBackground(cam).dataSync()], [0.5, 0.25, 0.5]);
 * ```
 */
export function completeBackground(cam: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const foreground = tf.slice(cam, [0, 0, 0, 1]);
    const rest = tf.sub<tf.Tensor4D>(1, tf.max(foreground, 3, true));
    return tf.concat([rest, foreground], 3);
  });
}
