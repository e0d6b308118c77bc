import * as tf from "@tensorflow/tfjs";
import { type ConvGeometry, reach } from "./geometry.ts";
import { flipFilter } from "./flip_filter.ts";
import { CONV_INPUT_GRADIENT, runOwnKernel } from "../own_kernels.ts";
import { crop, stuffZeros } from "./spatial.ts";

/**
 * Gradient of a 2-d convolution towards its input.
 *
 * @param dy `[N,h,w,D]`, gradient of the output
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @param half whether the input is stored in half, and its gradient so too
 * @returns `[N,H,W,C]`
 */
export function convInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  half = false,
): tf.Tensor4D {
  return runOwnKernel<tf.Tensor4D>(CONV_INPUT_GRADIENT, { dy, filter }, { geometry, half }) ??
    composeConvInputGradient(dy, filter, geometry);
}

/**
 * {@linkcode convInputGradient} composed of tfjs's ops, for any backend.
 *
 * @param dy `[N,h,w,D]`
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @returns `[N,H,W,C]`
 */
export function composeConvInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  return tf.tidy(() => {
    const flipped = flipFilter(filter);
    return correlateGradient(
      dy,
      geometry,
      (image, pad) => tf.conv2d(image, flipped, 1, pad, "NHWC", [...geometry.dilation]),
    );
  });
}

/** Explicit zeros as tfjs takes them, NHWC. */
export type ExplicitPad = [[0, 0], [number, number], [number, number], [0, 0]];

/**
 * The input gradient of a strided convolution is a convolution of stride 1: of the output's gradient, with zeros between its
 * pixels, with the flipped filter. This prepares the image and the padding.
 *
 * @param dy `[N,h,w,D]`
 * @param geometry of the forward convolution
 * @param convolve runs the convolution with the flipped filter
 * @returns `[N,H,W,C]`
 */
export function correlateGradient(
  dy: tf.Tensor4D,
  geometry: ConvGeometry,
  convolve: (image: tf.Tensor4D, pad: ExplicitPad) => tf.Tensor4D,
): tf.Tensor4D {
  const image = stuffZeros(dy, geometry.stride);
  const before = [0, 1].map((axis) => reach(geometry, axis as 0 | 1) - geometry.pad[axis]![0]);
  const after = [0, 1].map((axis) =>
    geometry.input[axis + 1]! - image.shape[axis + 1]! + geometry.pad[axis]![0]
  );
  // A side that would need negative padding is computed whole, and what is too much is cut off.
  const pad = (axis: 0 | 1): [number, number] => [
    Math.max(before[axis]!, 0),
    Math.max(after[axis]!, 0),
  ];
  const whole = convolve(image, [[0, 0], pad(0), pad(1), [0, 0]]);
  const [n, height, width] = geometry.input;
  const top = Math.max(-before[0]!, 0), left = Math.max(-before[1]!, 0);
  return crop(whole, [top, left], [n, height, width, whole.shape[3]]);
}
