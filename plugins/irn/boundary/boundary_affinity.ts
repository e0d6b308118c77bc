import * as tf from "@tensorflow/tfjs";
import { firstPixelsSize, placePixels, secondPixels } from "seamstress/wsss";
import { pairPaths, type Place } from "./paths.ts";

/**
 * How alike pixels are by the class boundaries between them: 1 − the strongest boundary on their way, both pixels among it. Author code
 * jiwoon-ahn/irn, `edge_to_affinity`.
 *
 * Where the authors gather every path's pixels in one array, twelve times as many as pairs at radius 10, this goes path by path, and
 * finds the strongest anew for the gradient, which it alone gets; the first of several, as PyTorch's max pooling has it.
 *
 * @param boundary `[N,h,w,1]` in 0..1
 * @param radius that fits the map, `fittingRadius(h, w, …)`, >= 2
 * @returns `[N,h',w',P]` in 0..1, laid out as AffinityNet's affinities: by first pixel, in the order of `pairOffsets(radius)`
 *
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { boundaryAffinity } from "./boundary_affinity.ts";
 * const affinity = boundaryAffinity(tf.tensor4d([0, 0.5, 0.2, 0, 0, 1], [1, 2, 3, 1]), 2);
 * // The one first pixel is the one of 0.5; right of it is 0.2, below it 0, 0 and 1.
 * assertEquals(affinity.shape, [1, 1, 1, 4]);
 * [0.5, 0.5, 0.5, 0].forEach((value, p) =>
 *   assertAlmostEquals(affinity.dataSync()[p]!, value, 1e-6)
 * );
 * ```
 */
export function boundaryAffinity(boundary: tf.Tensor4D, radius: number): tf.Tensor4D {
  const paths = pairPaths(radius);
  const compared = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    save([x]);
    const each = paths.map(({ path }) =>
      tf.tidy(() => tf.sub<tf.Tensor4D>(1, most(x, radius, path)))
    );
    return {
      value: tf.concat(each, 3),
      gradFunc: (dy: tf.Tensor4D, saved: tf.Tensor[]) =>
        tf.tidy(() => slope(saved[0] as tf.Tensor4D, radius, paths.map(({ path }) => path), dy)),
    };
  });
  return compared(boundary);
}

/** The largest value on a path, for every first pixel: `[N,h',w',1]`. */
function most(x: tf.Tensor4D, radius: number, path: readonly Place[]): tf.Tensor4D {
  return path.map((place) => secondPixels(x, radius, place))
    .reduce((largest, values) => tf.maximum(largest, values));
}

/** The gradient towards the boundary. @param dy towards the affinities, `[N,h',w',P]` */
function slope(
  x: tf.Tensor4D,
  radius: number,
  paths: readonly (readonly Place[])[],
  dy: tf.Tensor4D,
): tf.Tensor4D {
  const [samples, height, width] = x.shape;
  const [rows, columns] = firstPixelsSize(height, width, radius);
  let sum = tf.zerosLike(x);
  paths.forEach((path, p) => {
    const next = tf.tidy(() => {
      const largest = most(x, radius, path);
      let left = tf.neg(tf.slice(dy, [0, 0, 0, p], [samples, rows, columns, 1]));
      let total = sum;
      for (const place of path) {
        // 1 where the largest stands here, in floats: webgpu leaves a comparison's result in integers.
        const here = tf.sub(1, tf.step(tf.sub(largest, secondPixels(x, radius, place))));
        const part = tf.mul<tf.Tensor4D>(left, here);
        left = tf.sub(left, part);
        total = tf.add(total, placePixels(part, [height, width], radius, place));
      }
      return total;
    });
    sum.dispose();
    sum = next;
  });
  return sum;
}
