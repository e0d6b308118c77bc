import * as tf from "@tensorflow/tfjs";
import { pairDistance } from "seamstress/ops";
import { pairOffsets } from "seamstress/wsss";

/**
 * How alike the pixels of each pair are: exp(-mean_c |f_i - f_j|). AffinityNet (Ahn & Kwak, CVPR 2018); author code psa,
 * `network/resnet38_aff.py`.
 *
 * Where the authors gather all pairs' features in one array, 34 times the map, this compares pixels where they lie, and once more for
 * the gradient.
 *
 * @param features `[N,h,w,C]` float32
 * @param radius that fits the map, `fittingRadius(h, w)`
 * @returns `[N,h',w',P]` in 0..1: a pair's first pixel by its place among the map's first pixels, its offset in the order of
 *   `pairOffsets(radius)`; P is 0 below radius 2
 *
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { pairedAffinity } from "./paired_affinity.ts";
 * const features = tf.tensor4d([0, 1, 3, 0, 2, 7], [1, 2, 3, 1]);
 * const affinity = pairedAffinity(features, 2);
 * // The one first pixel is 1; right of it is 3, below it 0, 2 and 7.
 * assertEquals(affinity.shape, [1, 1, 1, 4]);
 * [2, 1, 1, 6].forEach((difference, p) =>
 *   assertAlmostEquals(affinity.dataSync()[p]!, Math.exp(-difference), 1e-6)
 * );
 * ```
 */
export function pairedAffinity(features: tf.Tensor4D, radius: number): tf.Tensor4D {
  const [samples, height, width] = features.shape;
  const offsets = pairOffsets(radius);
  if (offsets.length === 0) return tf.zeros([samples, height, width, 0]);
  return tf.tidy(() => tf.exp(tf.neg(pairDistance(features, { radius, offsets }))));
}
