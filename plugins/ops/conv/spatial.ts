import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "./geometry.ts";

/**
 * Puts `stride - 1` zeros after every pixel, along both axes. Reshapes and pads of rank 3: cheap and exact on every backend.
 *
 * @param x `[N,H,W,C]`
 * @param stride by axis
 * @returns `[N,H*stride[0],W*stride[1],C]`
 */
export function stuffZeros(x: tf.Tensor4D, stride: readonly [number, number]): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const [sh, sw] = stride;
  let out: tf.Tensor = x;
  if (sw > 1) out = tf.pad(out.reshape([n * h * w, 1, c]), [[0, 0], [0, sw - 1], [0, 0]]);
  if (sh > 1) out = tf.pad(out.reshape([n * h, 1, w * sw * c]), [[0, 0], [0, sh - 1], [0, 0]]);
  return out.reshape([n, h * sh, w * sw, c]);
}

/**
 * Cuts a window out of an image.
 *
 * @param x `[N,H,W,C]`
 * @param start top and left of the window
 * @param shape of the window, `[N,h,w,C]`
 * @returns the window; `x` itself where it is the whole
 */
export function crop(
  x: tf.Tensor4D,
  start: readonly [number, number],
  shape: readonly [number, number, number, number],
): tf.Tensor4D {
  if (x.shape.every((size, i) => size === shape[i])) return x;
  return tf.slice(x, [0, start[0], start[1], 0], [...shape]);
}

/**
 * Gives, for each tap of a convolution, the input pixels that it reads: `[N,h,w,C]`, the output's size. Strided reads are split
 * once into one image per phase, by reshape and slice, because no backend has a fast strided slice with a gradient.
 *
 * @param x `[N,H,W,C]`
 * @param geometry of the convolution
 * @returns tap → pixels; call within `tf.tidy`
 */
export function tapReader(
  x: tf.Tensor4D,
  geometry: ConvGeometry,
): (row: number, column: number) => tf.Tensor4D {
  const { stride: [sh, sw], output: [, oh, ow] } = geometry;
  const [n, height, width, channels] = geometry.input;
  // The rows and columns that the taps read, rounded up to a multiple of the stride.
  const extent = (axis: 0 | 1) => {
    const last = (geometry.output[axis + 1]! - 1) * geometry.stride[axis] +
      geometry.dilation[axis] * (geometry.taps[axis] - 1) + 1;
    return Math.ceil(last / geometry.stride[axis]) * geometry.stride[axis];
  };
  const [rows, columns] = [extent(0), extent(1)];
  const [top, left] = [geometry.pad[0][0], geometry.pad[1][0]];
  const padded = tf.pad(x, [
    [0, 0],
    [top, Math.max(rows - top - height, 0)],
    [left, Math.max(columns - left - width, 0)],
    [0, 0],
  ]);
  const image = crop(padded, [0, 0], [n, rows, columns, channels]);
  const phases = new Map<number, tf.Tensor4D>();
  const phase = (a: number, b: number): tf.Tensor4D => {
    if (sh === 1 && sw === 1) return image;
    const key = a * sw + b;
    const known = phases.get(key);
    if (known !== undefined) return known;
    const rowLength = columns * channels;
    const ofRows = tf.slice(
      image.reshape<tf.Tensor3D>([n, rows / sh, sh * rowLength]),
      [0, 0, a * rowLength],
      [n, rows / sh, rowLength],
    );
    const ofBoth = tf.slice(
      ofRows.reshape<tf.Tensor3D>([n, rows / sh * columns / sw, sw * channels]),
      [0, 0, b * channels],
      [n, rows / sh * columns / sw, channels],
    ).reshape<tf.Tensor4D>([n, rows / sh, columns / sw, channels]);
    phases.set(key, ofBoth);
    return ofBoth;
  };
  return (row, column) => {
    const y = row * geometry.dilation[0], z = column * geometry.dilation[1];
    return crop(
      phase(y % sh, z % sw),
      [Math.floor(y / sh), Math.floor(z / sw)],
      [n, oh, ow, channels],
    );
  };
}
