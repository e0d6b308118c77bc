import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv/geometry.ts";
import { DEPTHWISE_FILTER_GRADIENT, runOwnKernel } from "../own_kernels.ts";
import { tapReader } from "../conv/spatial.ts";

/**
 * Gradient of a depthwise convolution towards its filter.
 *
 * @param x `[N,H,W,C]`, the convolution's input
 * @param dy `[N,h,w,C*multiplier]`, gradient of the output
 * @param geometry of the convolution
 * @returns `[kh,kw,C,multiplier]`
 */
export function depthwiseFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  return runOwnKernel<tf.Tensor4D>(DEPTHWISE_FILTER_GRADIENT, { x, dy }, { geometry }) ??
    composeDepthwiseFilterGradient(x, dy, geometry);
}

/**
 * {@linkcode depthwiseFilterGradient} composed of tfjs's ops, for any backend.
 *
 * @param x `[N,H,W,C]`
 * @param dy `[N,h,w,C*multiplier]`
 * @param geometry of the convolution
 * @returns `[kh,kw,C,multiplier]`
 */
export function composeDepthwiseFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [kh, kw] = geometry.taps;
    const channels = geometry.input[3];
    const multiplier = geometry.output[3] / channels;
    const read = tapReader(x, geometry);
    const flatDy = dy.reshape<tf.Tensor3D>([-1, channels, multiplier]);
    const taps: tf.Tensor2D[] = [];
    for (let row = 0; row < kh; row++) {
      for (let column = 0; column < kw; column++) {
        const pixels = read(row, column).reshape<tf.Tensor3D>([-1, channels, 1]);
        taps.push(tf.sum(tf.mul(pixels, flatDy), 0));
      }
    }
    return tf.concat(taps, 0).reshape([kh, kw, channels, multiplier]);
  });
}
