import * as tf from "@tensorflow/tfjs";
import { runOwnKernel, UNIT_VECTORS, UNIT_VECTORS_GRADIENT } from "../own_kernels.ts";

/** Smallest squared length that is divided by. Its root is far below any epsilon of use, so that no result changes. */
export const SHORTEST_SQUARED = 1e-30;

/**
 * Divides every vector by its length plus epsilon: x / (‖x‖₂ + ε).
 *
 * @param x `[N,P,D]` float32
 * @param epsilon added to each length
 * @returns `[N,P,D]`; a vector of zeros stays one, with the gradient dy / ε
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { unitVectors } from "./unit_vectors.ts";
 * const unit = unitVectors(tf.tensor3d([3, 4, 0, 0], [1, 2, 2]), 1e-5).dataSync();
 * [0.6, 0.8, 0, 0].forEach((value, i) => assertAlmostEquals(unit[i]!, value, 1e-5));
 * ```
 */
export function unitVectors(x: tf.Tensor3D, epsilon: number): tf.Tensor3D {
  const attributes = { epsilon };
  const op = tf.customGrad((input, save) => {
    const x = input as tf.Tensor3D;
    (save as tf.GradSaveFunc)([x]);
    return {
      value: runOwnKernel<tf.Tensor3D>(UNIT_VECTORS, { x }, attributes) ?? compose(x, epsilon),
      gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
        const dy = gradient as tf.Tensor3D, x = saved[0] as tf.Tensor3D;
        return runOwnKernel<tf.Tensor3D>(UNIT_VECTORS_GRADIENT, { x, dy }, attributes) ??
          composeGradient(x, dy, epsilon);
      },
    };
  });
  return op(x) as tf.Tensor3D;
}

/** `[N,P,D]` → `[N,P,1]`, lengths that can be divided by. */
function lengths(x: tf.Tensor3D): tf.Tensor3D {
  return tf.sqrt(tf.maximum(tf.sum(tf.square(x), 2, true), SHORTEST_SQUARED));
}

function compose(x: tf.Tensor3D, epsilon: number): tf.Tensor3D {
  return tf.tidy(() => tf.div<tf.Tensor3D>(x, tf.add(lengths(x), epsilon)));
}

function composeGradient(x: tf.Tensor3D, dy: tf.Tensor3D, epsilon: number): tf.Tensor3D {
  return tf.tidy(() => {
    const length = lengths(x);
    const divisor = tf.add(length, epsilon);
    const along = tf.sum(tf.mul(x, dy), 2, true);
    const back = tf.div(along, tf.mul(length, tf.square(divisor)));
    return tf.sub<tf.Tensor3D>(tf.div(dy, divisor), tf.mul(x, back));
  });
}
