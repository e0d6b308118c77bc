import * as tf from "@tensorflow/tfjs";

/** Attention of some blocks, each averaged over its heads, added up: `[N,T,T]`. */
export function sumOfAttention(blocks: readonly tf.Tensor4D[]): tf.Tensor3D {
  return tf.tidy(() => tf.addN(blocks.map((weights) => tf.mean<tf.Tensor3D>(weights, 1))));
}

/**
 * What class tokens read from each patch.
 *
 * @param attention `[N,C+h·w,C+h·w]`, the class tokens first; row i what token i reads
 * @param size classes C, rows and columns of the patches
 * @returns `[N,h,w,C]`
 */
export function classToPatch(
  attention: tf.Tensor3D,
  [classes, rows, columns]: readonly [number, number, number],
): tf.Tensor4D {
  return tf.tidy(() => {
    const read = tf.slice(attention, [0, 0, classes], [-1, classes, rows * columns]);
    return tf.reshape(tf.transpose(read, [0, 2, 1]), [-1, rows, columns, classes]);
  });
}

/**
 * Lets every patch gather a map from the patches that it reads, as much as it reads of each.
 *
 * @param attention `[N,C+h·w,C+h·w]`, C class tokens first
 * @param map `[N,h,w,C]`
 * @returns `[N,h,w,C]`
 */
export function gatherByPatches(attention: tf.Tensor3D, map: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [samples, rows, columns, classes] = map.shape;
    const patches = rows * columns;
    const affinity = tf.slice(attention, [0, classes, classes], [-1, patches, patches]);
    const flat = tf.reshape<tf.Rank.R3>(map, [samples, patches, classes]);
    return tf.reshape(tf.matMul(affinity, flat), map.shape);
  });
}
