import * as tf from "@tensorflow/tfjs";
import {
  firstPixels,
  firstPixelsSize,
  pairOffsets,
  placePixels,
  secondPixels,
} from "seamstress/wsss";

/**
 * How far displacements are from what pairs of pixels ask for: Σ over pairs of label · |d_first − d_second − wanted|, rows and columns
 * added up. Pairs of one object want the offset between them, so that both lead to one place; pairs of background want 0. Author code
 * jiwoon-ahn/irn, `to_displacement` and `to_displacement_loss`.
 *
 * Goes offset by offset, and computes the differences anew for the gradient, as AffinityNet's affinities do.
 *
 * @param field `[N,h,w,2]`, rows first
 * @param labels `[N,h',w',P]` float32, 1 for pairs that count
 * @param radius that fits the map
 * @param towards whether the offset is wanted, or 0
 * @returns `[N]`
 */
export function displacementError(
  field: tf.Tensor4D,
  labels: tf.Tensor4D,
  radius: number,
  towards: boolean,
): tf.Tensor1D {
  const compute = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    save([x]);
    const value = tf.tidy(() => {
      const first = firstPixels(x, radius);
      const each = pairOffsets(radius).map((offset, p) =>
        tf.tidy(() => {
          const error = tf.abs(errorOf(x, first, radius, offset, towards));
          return tf.sum<tf.Tensor1D>(tf.mul(error, labelsOf(labels, p)), [1, 2, 3]);
        })
      );
      return tf.addN(each);
    });
    const gradFunc = (dy: tf.Tensor1D, saved: tf.Tensor[]) =>
      tf.tidy(() => slope(saved[0] as tf.Tensor4D, labels, radius, towards, dy));
    return { value, gradFunc };
  });
  return compute(field);
}

/** Labels of the pairs of one offset, `[N,h',w',1]`. */
function labelsOf(labels: tf.Tensor4D, p: number): tf.Tensor4D {
  const [samples, rows, columns] = labels.shape;
  return tf.slice(labels, [0, 0, 0, p], [samples, rows, columns, 1]);
}

/** d_first − d_second − wanted of the pairs of one offset, `[N,h',w',2]`. */
function errorOf(
  x: tf.Tensor4D,
  first: tf.Tensor4D,
  radius: number,
  offset: readonly [number, number],
  towards: boolean,
): tf.Tensor4D {
  const apart = tf.sub<tf.Tensor4D>(first, secondPixels(x, radius, offset));
  return towards ? tf.sub(apart, tf.tensor4d([...offset], [1, 1, 1, 2])) : apart;
}

/** The gradient towards the field. @param dy `[N]` */
function slope(
  x: tf.Tensor4D,
  labels: tf.Tensor4D,
  radius: number,
  towards: boolean,
  dy: tf.Tensor1D,
): tf.Tensor4D {
  const [samples, height, width] = x.shape;
  const map = [height, width] as const;
  const [rows, columns] = firstPixelsSize(height, width, radius);
  const first = firstPixels(x, radius);
  const weight = tf.reshape<tf.Rank.R4>(dy, [samples, 1, 1, 1]);
  let ofFirst: tf.Tensor4D = tf.zeros([samples, rows, columns, 2]), ofSecond = tf.zerosLike(x);
  pairOffsets(radius).forEach((offset, p) => {
    const [nextFirst, nextSecond] = tf.tidy(() => {
      const side = tf.sign(errorOf(x, first, radius, offset, towards));
      const pull = tf.mul<tf.Tensor4D>(tf.mul(side, labelsOf(labels, p)), weight);
      return [
        tf.add<tf.Tensor4D>(ofFirst, pull),
        tf.sub<tf.Tensor4D>(ofSecond, placePixels(pull, map, radius, offset)),
      ];
    });
    tf.dispose([ofFirst, ofSecond]);
    [ofFirst, ofSecond] = [nextFirst!, nextSecond!];
  });
  return tf.add(ofSecond, placePixels(ofFirst, map, radius, [0, 0]));
}
