import * as tf from "@tensorflow/tfjs";
import { largestOf } from "seamstress/ops";

const EPSILON = 1e-5;
/** What keeps a vector's length from being divided by as 0: PyTorch's `F.normalize`. */
export const SHORTEST = 1e-12;

/**
 * Brings the maps of every class of every image to 0..1: r = relu(cam); r < min + 1e-5 becomes 0; (r − min − 1e-5) / (max − min + 1e-5),
 * below 0 where it is least; the background is a constant.
 *
 * @param cam `[N,h,w,1+C]` float32, raw scores, channel 0 background
 * @param background score of the background
 * @returns `[N,h,w,1+C]`
 */
export function pixelScores(cam: tf.Tensor4D, background: number): tf.Tensor4D {
  const positive = tf.relu(cam);
  const min = tf.min(positive, [1, 2], true), max = tf.max(positive, [1, 2], true);
  const kept = tf.where(tf.less(positive, tf.add(min, EPSILON)), tf.zerosLike(positive), positive);
  const scaled = tf.div<tf.Tensor4D>(
    tf.sub(tf.sub(kept, min), EPSILON),
    tf.add(tf.sub(max, min), EPSILON),
  );
  const [samples, height, width] = cam.shape;
  const constant = tf.fill<tf.Rank.R4>([samples, height, width, 1], background);
  return tf.concat([constant, tf.slice(scaled, [0, 0, 0, 1])], 3);
}

/**
 * Marks the class of every pixel: the strongest of the background and the classes that its image shows.
 *
 * @param scores of {@linkcode pixelScores}
 * @param label `[N,C]` in {0,1}
 * @returns `[M,1+C]` of 0 and 1, M = N·h·w pixels in row order
 */
export function pseudoLabels(scores: tf.Tensor4D, label: tf.Tensor2D): tf.Tensor2D {
  const [samples, , , channels] = scores.shape;
  const present = tf.reshape(tf.pad(label, [[0, 0], [1, 0]], 1), [samples, 1, 1, channels]);
  const shown = tf.reshape<tf.Rank.R2>(tf.mul(scores, present), [-1, channels]);
  return tf.cast(tf.oneHot(tf.argMax(shown, 1) as tf.Tensor1D, channels) as tf.Tensor2D, "float32");
}

/**
 * Finds the prototype of every class, shown or not: the sum of the features of the pixels that score highest in it, over all images,
 * weighted by these scores, at length 1. Of equal scores, as all of the background are, the first pixels count.
 *
 * @param features `[M,D]`, the projection before it is brought to length 1
 * @param scores of {@linkcode pixelScores}
 * @param count pixels a prototype
 * @returns `[1+C,D]`
 */
export function prototypesOf(
  features: tf.Tensor2D,
  scores: tf.Tensor4D,
  count: number,
): tf.Tensor2D {
  const rows = tf.transpose(tf.reshape<tf.Rank.R2>(scores, [-1, scores.shape[3]]));
  const weights = tf.mul<tf.Tensor2D>(rows, largestOf(rows, count));
  const total = tf.sum(weights, 1, true);
  // The authors divide by the total; of it only the sign is left at length 1.
  const sign = tf.where(tf.less(total, 0), tf.neg(tf.onesLike(total)), tf.onesLike(total));
  const sums = tf.mul<tf.Tensor2D>(tf.matMul(weights, features), sign);
  return tf.div(sums, tf.maximum(tf.norm(sums, 2, 1, true), SHORTEST));
}
