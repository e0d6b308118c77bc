import * as tf from "@tensorflow/tfjs";

/** Numbers that are drawn; a larger tensor repeats them. */
const DRAWN = 2 ** 16;

let seed = 0;

/**
 * Random numbers in [-1, 1), laid out on the device: tfjs draws on the CPU, which takes seconds for a large tensor.
 *
 * @param shape of the tensor
 * @returns float32, which stays
 */
export function random<R extends tf.Rank>(shape: readonly number[]): tf.Tensor<R> {
  const size = tf.util.sizeFromShape([...shape]), target = [...shape] as tf.ShapeMap[R];
  return tf.keep(tf.tidy((): tf.Tensor<R> => {
    const drawn = tf.randomUniform([Math.min(size, DRAWN)], -1, 1, "float32", ++seed);
    if (size <= DRAWN) return tf.reshape<R>(drawn, target);
    const repeated = tf.tile(drawn, [Math.ceil(size / DRAWN)]);
    return tf.reshape<R>(tf.slice(repeated, 0, size), target);
  }));
}
