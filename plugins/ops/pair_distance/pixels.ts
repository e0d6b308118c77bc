import * as tf from "@tensorflow/tfjs";
import { crop } from "../conv/spatial.ts";

/**
 * How many first pixels of pairs a map has: those from which every offset of `pairOffsets` stays on the map.
 *
 * @param height of the map
 * @param width of the map
 * @param radius that fits the map, >= 1
 * @returns rows and columns
 */
export function firstPixelsSize(
  height: number,
  width: number,
  radius: number,
): readonly [rows: number, columns: number] {
  return [height - (radius - 1), width - 2 * (radius - 1)];
}

/**
 * The pixels that pairs start from.
 *
 * @param x a map, `[N,h,w,C]`
 * @param radius that fits the map, >= 1
 * @returns `[N,h-radius+1,w-2·radius+2,C]`
 */
export function firstPixels(x: tf.Tensor4D, radius: number): tf.Tensor4D {
  return secondPixels(x, radius, [0, 0]);
}

/**
 * The pixels that pairs of one offset end at.
 *
 * @param x a map, `[N,h,w,C]`
 * @param radius that fits the map, >= 1
 * @param offset one of `pairOffsets(radius)`
 * @returns as {@linkcode firstPixels}, position by position
 */
export function secondPixels(
  x: tf.Tensor4D,
  radius: number,
  [dy, dx]: readonly [dy: number, dx: number],
): tf.Tensor4D {
  const [samples, height, width, channels] = x.shape;
  const size = firstPixelsSize(height, width, radius);
  return crop(x, [dy, radius - 1 + dx], [samples, ...size, channels]);
}

/**
 * Puts what belongs to the pixels that pairs of one offset end at back at their places; the rest is 0.
 *
 * @param x position by position as {@linkcode secondPixels}, `[N,h',w',C]`
 * @param map height and width of the map
 * @param radius that fits the map, >= 1
 * @param offset one of `pairOffsets(radius)`, or `[0, 0]` for the pixels that pairs start from
 * @returns `[N,h,w,C]`
 */
export function placePixels(
  x: tf.Tensor4D,
  [height, width]: readonly [height: number, width: number],
  radius: number,
  [dy, dx]: readonly [dy: number, dx: number],
): tf.Tensor4D {
  const [rows, columns] = firstPixelsSize(height, width, radius);
  const left = radius - 1 + dx;
  return tf.pad(x, [[0, 0], [dy, height - rows - dy], [left, width - columns - left], [0, 0]]);
}
