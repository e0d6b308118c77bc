import * as tf from "@tensorflow/tfjs";
import {
  firstPixels,
  firstPixelsSize,
  pairOffsets,
  placePixels,
  secondPixels,
} from "seamstress/wsss";

/**
 * How alike the pixels of each pair are: exp(-mean_c |f_i - f_j|). AffinityNet (Ahn & Kwak, CVPR 2018); author code psa,
 * `network/resnet38_aff.py`.
 *
 * Where the authors gather all pairs' features in one array, 34 times the map, this goes offset by offset, and computes the
 * differences anew for the gradient.
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
  const compared = tf.customGrad((...args) => {
    const [f, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    const value = affinities(f, radius, offsets);
    save([f, value]);
    const gradFunc = (dy: tf.Tensor4D, saved: tf.Tensor[]) => {
      const [f, value] = saved as [tf.Tensor4D, tf.Tensor4D];
      return tf.tidy(() => slope(f, radius, offsets, tf.mul(dy, value)));
    };
    return { value, gradFunc };
  });
  return compared(features);
}

function affinities(
  f: tf.Tensor4D,
  radius: number,
  offsets: ReturnType<typeof pairOffsets>,
): tf.Tensor4D {
  const first = firstPixels(f, radius);
  const each = offsets.map((offset) =>
    tf.tidy(() => {
      const apart = tf.abs(tf.sub(secondPixels(f, radius, offset), first));
      return tf.exp(tf.neg(tf.mean<tf.Tensor4D>(apart, 3, true)));
    })
  );
  return tf.concat(each, 3);
}

/**
 * The gradient towards the features.
 *
 * @param change gradient times affinity, `[N,h',w',P]`
 * @returns `[N,h,w,C]`
 */
function slope(
  f: tf.Tensor4D,
  radius: number,
  offsets: ReturnType<typeof pairOffsets>,
  change: tf.Tensor4D,
): tf.Tensor4D {
  const [samples, height, width, channels] = f.shape;
  const [rows, columns] = firstPixelsSize(height, width, radius);
  const first = firstPixels(f, radius);
  const share = tf.mul<tf.Tensor4D>(change, 1 / channels);
  const place = (x: tf.Tensor4D, dy: number, dx: number) =>
    placePixels(x, [height, width], radius, [dy, dx]);
  let ofFirst = tf.zerosLike(first), ofSecond = tf.zerosLike(f);
  offsets.forEach(([dy, dx], p) => {
    const [nextFirst, nextSecond] = tf.tidy(() => {
      const closer = tf.sign(tf.sub<tf.Tensor4D>(first, secondPixels(f, radius, [dy, dx])));
      const pull = tf.mul<tf.Tensor4D>(
        closer,
        tf.slice(share, [0, 0, 0, p], [samples, rows, columns, 1]),
      );
      return [
        tf.sub<tf.Tensor4D>(ofFirst, pull),
        tf.add<tf.Tensor4D>(ofSecond, place(pull, dy, dx)),
      ];
    });
    tf.dispose([ofFirst, ofSecond]);
    [ofFirst, ofSecond] = [nextFirst!, nextSecond!];
  });
  return tf.add(ofSecond, place(ofFirst, 0, 0));
}
