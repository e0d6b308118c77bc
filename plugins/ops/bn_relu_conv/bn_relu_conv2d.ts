import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../conv/conv2d.ts";
import type { ConvOptions } from "../conv/geometry.ts";
import { BN_RELU_CONV, runOwnKernel } from "../own_kernels.ts";

/** Options of {@linkcode bnReluConv2d}. */
export interface BnReluConvOptions extends ConvOptions {
  /** Of the result's shape, added to it: the shortcut of a residual block. */
  readonly residual?: tf.Tensor4D | undefined;
}

/**
 * Convolution of a batch-normalised and rectified map, as pre-activation residual networks have it:
 * `conv2d(relu(scale·x + shift), filter) + residual`. On webgpu one kernel does it all: the normalised map is written neither forward
 * nor backward, each kernel computes it again where it reads x; for the backward pass x is kept in its place. Elsewhere it is composed.
 * Differentiable towards x, filter and residual once the backend was prepared; the gradient of the relu at 0 is 0, as PyTorch's.
 *
 * @param x `[N,H,W,C]` float32
 * @param scale `[C]`, constant: it gets no gradient on webgpu
 * @param shift `[C]`, constant too
 * @param filter `[h,w,C,D]` float32 (HWIO)
 * @param options of the convolution; zeros of its padding are zeros after the relu
 * @returns `[N,h',w',D]` float32
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { bnReluConv2d } from "./bn_relu_conv2d.ts";
 * await tf.setBackend("cpu");
 * const x = tf.tensor4d([1, -1], [1, 1, 1, 2]), filter = tf.ones<tf.Rank.R4>([1, 1, 2, 1]);
 * const y = bnReluConv2d(x, tf.tensor1d([2, 2]), tf.tensor1d([1, 1]), filter, { pad: 0 });
 * assertEquals([...await y.data()], [3]);
 * ```
 */
export function bnReluConv2d(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  filter: tf.Tensor4D,
  { residual, ...options }: BnReluConvOptions,
): tf.Tensor4D {
  const { stride = 1, dilation = 1, pad } = options;
  return runOwnKernel<tf.Tensor4D>(
    BN_RELU_CONV,
    { x, scale, shift, filter, ...residual && { residual } },
    { strides: stride, pad, dilations: dilation, dataFormat: "NHWC" },
  ) ?? tf.tidy(() => {
    const activated = tf.relu(tf.add<tf.Tensor4D>(tf.mul(x, scale), shift));
    const y = conv2d(activated, filter, options);
    return residual === undefined ? y : tf.add<tf.Tensor4D>(y, residual);
  });
}

/**
 * @returns whether {@linkcode bnReluConv2d} spares the normalised map on the current backend; where it does not, a caller that needs
 *   the map more than once had better compute it once
 */
export function sparesNormalisedMap(): boolean {
  return tf.getKernel(BN_RELU_CONV, tf.getBackend()) !== undefined;
}
