import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "./geometry.ts";
import { CONV_FILTER_GRADIENT, runOwnKernel } from "../own_kernels.ts";
import { tapReader } from "./spatial.ts";

/**
 * Gradient of a 2-d convolution towards its filter.
 *
 * @param x `[N,H,W,C]`, the convolution's input
 * @param dy `[N,h,w,D]`, gradient of the output
 * @param geometry of the convolution
 * @returns `[kh,kw,C,D]`
 */
export function convFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  return runOwnKernel<tf.Tensor4D>(CONV_FILTER_GRADIENT, { x, dy }, { geometry }) ??
    tf.tidy(() => {
      const [kh, kw] = geometry.taps;
      const channels = geometry.input[3], filters = geometry.output[3];
      const read = tapReader(x, geometry);
      const flatDy = dy.reshape<tf.Tensor2D>([-1, filters]);
      const taps: tf.Tensor2D[] = [];
      for (let row = 0; row < kh; row++) {
        for (let column = 0; column < kw; column++) {
          const pixels = read(row, column).reshape<tf.Tensor2D>([-1, channels]);
          taps.push(tf.matMul(pixels, flatDy, true, false));
        }
      }
      return tf.concat(taps, 0).reshape([kh, kw, channels, filters]);
    });
}
