import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv/geometry.ts";
import { correlateGradient } from "../conv/input_gradient.ts";
import { DEPTHWISE_INPUT_GRADIENT, runOwnKernel } from "../own_kernels.ts";

/**
 * Gradient of a depthwise convolution towards its input.
 *
 * @param dy `[N,h,w,C*multiplier]`, gradient of the output
 * @param filter `[kh,kw,C,multiplier]`
 * @param geometry of the convolution
 * @param half whether the input is stored in half, and its gradient so too
 * @returns `[N,H,W,C]`
 */
export function depthwiseInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  half = false,
): tf.Tensor4D {
  return runOwnKernel<tf.Tensor4D>(DEPTHWISE_INPUT_GRADIENT, { dy, filter }, { geometry, half }) ??
    composeDepthwiseInputGradient(dy, filter, geometry);
}

/**
 * {@linkcode depthwiseInputGradient} composed of tfjs's ops, for any backend.
 *
 * @param dy `[N,h,w,C*multiplier]`
 * @param filter `[kh,kw,C,multiplier]`
 * @param geometry of the convolution
 * @returns `[N,H,W,C]`
 */
export function composeDepthwiseInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  return tf.tidy(() => {
    const [kh, kw, channels, multiplier] = filter.shape;
    const flipped = filter.reverse([0, 1]);
    const [n, oh, ow] = geometry.output;
    const parts: tf.Tensor4D[] = [];
    for (let m = 0; m < multiplier; m++) {
      // Output channel c * multiplier + m belongs to input channel c.
      const part = multiplier === 1 ? dy : tf.slice(
        dy.reshape<tf.Tensor3D>([n * oh * ow, channels, multiplier]),
        [0, 0, m],
        [n * oh * ow, channels, 1],
      ).reshape<tf.Tensor4D>([n, oh, ow, channels]);
      const own = multiplier === 1
        ? flipped
        : tf.slice(flipped, [0, 0, 0, m], [kh, kw, channels, 1]);
      parts.push(correlateGradient(
        part,
        geometry,
        (image, pad) => tf.depthwiseConv2d(image, own, 1, pad, "NHWC", [...geometry.dilation]),
      ));
    }
    return parts.length === 1 ? parts[0]! : tf.addN(parts);
  });
}
