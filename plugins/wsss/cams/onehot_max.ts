import * as tf from "@tensorflow/tfjs";

/**
 * Keeps the strongest foreground class of every pixel and the background; the other foreground classes become 0. Equal strongest
 * classes are all kept. Author code: `train_SEAM.py`, `max_onehot`.
 *
 * @param cam `[N,h,w,1+C]` float32, channel 0 background
 * @returns `[N,h,w,1+C]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { onehotMax } from "seamstress/wsss";
 * const cam = tf.tensor4d([9, 1, 3, 3], [1, 1, 1, 4]);
 * assertEquals([...onehotMax(cam).dataSync()], [9, 0, 3, 3]);
 * ```
 */
export function onehotMax(cam: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const foreground = tf.slice(cam, [0, 0, 0, 1]);
    const kept = tf.cast(tf.equal(foreground, tf.max(foreground, 3, true)), "float32");
    const background = tf.slice(cam, [0, 0, 0, 0], [-1, -1, -1, 1]);
    return tf.concat([background, tf.mul<tf.Tensor4D>(foreground, kept)], 3);
  });
}
