import * as tf from "@tensorflow/tfjs";
import { withoutGradient } from "../../ops/gradient/without_gradient.ts";

const EPSILON = 1e-5;

/**
 * The CAM as the PCM takes it: scaled to its maximum class by class, each pixel left with its strongest foreground class, the
 * background the rest to 1. Author code: `network/resnet38_SEAM.py`, `forward`, under `no_grad`.
 *
 * @param cam `[N,h,w,1+C]` float32, raw scores, channel 0 background
 * @returns `[N,h,w,1+C]` in 0..1, without gradient; equal strongest classes are all kept
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { normalizedCam } from "seamstress/wsss";
 * const cam = tf.tensor4d([9, 2, 4, 9, 1, -8], [1, 1, 2, 3]);
 * const [background, first, second] = normalizedCam(cam).dataSync().slice(3);
 * assertAlmostEquals(background!, 0.5, 1e-4);
 * assertAlmostEquals(first!, 0.5, 1e-4);
 * assertAlmostEquals(second!, 0, 1e-4);
 * ```
 */
export function normalizedCam(cam: tf.Tensor4D): tf.Tensor4D {
  return withoutGradient(() => {
    const positive = tf.relu(cam);
    const strongest = tf.add(tf.max(positive, [1, 2], true), EPSILON);
    const scaled = tf.div<tf.Tensor4D>(tf.relu(tf.sub(positive, EPSILON)), strongest);
    const foreground = scaled.slice([0, 0, 0, 1]);
    const best = tf.max<tf.Tensor4D>(foreground, 3, true);
    const kept = tf.mul<tf.Tensor4D>(foreground, tf.cast(tf.equal(foreground, best), "float32"));
    return tf.concat([tf.sub<tf.Tensor4D>(1, best), kept], 3);
  });
}
