import * as tf from "@tensorflow/tfjs";
import { storedInHalf } from "../precision.ts";
import { conv2d } from "../conv/conv2d.ts";
import { runConv2d } from "../conv/conv2d.wgsl.ts";
import { filterShape } from "../conv/filter_gradient.ts";
import { runConvFilterGradient } from "../conv/filter_gradient.wgsl.ts";
import { type ConvAttributes, type ConvOptions, geometryOf } from "../conv/geometry.ts";
import type { ConvGradientAttributes } from "../conv/gradient_attributes.ts";
import { runConvInputGradient } from "../conv/input_gradient.wgsl.ts";
import { splitRows } from "../conv/split_rows.ts";
import { filterGradientWork, forwardWork, inputGradientWork } from "../conv/work.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { floats, like } from "../define/shapes.ts";
import { withWeights } from "../webgpu/half.wgsl.ts";

/** Attributes of {@linkcode bnReluConvOp}: square strides and dilations. */
interface Attributes extends ConvAttributes {
  readonly strides: number;
  readonly dilations: number;
  readonly pad: number | "same";
}

/**
 * `conv2d(relu(scale·x + shift), filter) + residual`. Composed of tfjs's ops, a pre-activated convolution writes its normalised map and
 * reads it again in the forward pass, and reads or writes it three times more in the backward pass; here no kernel stores it. Measured by
 * bench/webgpu_kernels.bench.ts.
 */
export const bnReluConvOp = defineOp({
  name: "BnReluConv2D",
  summary: "convolution of a batch-normalised and rectified map, and a residual sum",
  inputs: {
    x: "[N,H,W,C]",
    scale: "[C]",
    shift: "[C]",
    filter: "[h,w,C,D]",
    "residual?": "[N,h',w',D]",
  },
  attributes: attributesOf<Attributes>(),
  output: "[N,h',w',D]",
  shape: ({ x, filter }, attributes) =>
    floats(...geometryOf(x.shape, filter.shape, attributes, false).output),
  flops: forwardWork,
  half: { reads: true, gives: asActivations },
  split: splitRows,
  webgpu({ x, scale, shift, filter, residual }, attributes, context) {
    const { backend } = context;
    const geometry = geometryOf(x.shape, filter.shape, attributes, false);
    const half = context.half(geometry.output);
    const extras = { bnRelu: { scale, shift }, residual, half };
    return withWeights(
      backend,
      filter,
      half,
      (weights) => runConv2d(backend, x, weights, geometry, extras),
    );
  },
  compose({ x, scale, shift, filter, residual }, { strides, pad, dilations }) {
    const activated = tf.relu(tf.add<tf.Tensor4D>(tf.mul(x, scale), shift));
    const y = conv2d(activated, filter, { stride: strides, pad, dilation: dilations });
    return residual === undefined ? y : tf.add<tf.Tensor4D>(y, residual);
  },
  gradient: {
    saves: ["x", "scale", "shift", "filter"],
    compositionByParts: true,
    towards(dy, { x, scale, shift, filter }, attributes) {
      const geometry = geometryOf(x.shape, filter.shape, attributes, false);
      return {
        x: () => bnReluConvInputGradientOp.run({ dy, filter, x, scale, shift }, { geometry }),
        filter: () => bnReluConvFilterGradientOp.run({ x, scale, shift, dy }, { geometry }),
        residual: () => dy.clone(),
      };
    },
  },
});

/** Gradient of {@linkcode bnReluConvOp} towards `x`, through scale, shift and relu. */
export const bnReluConvInputGradientOp = defineOp({
  name: "BnReluConvInputGradient",
  summary: "gradient of a convolution of a normalised, rectified map towards the map",
  inputs: {
    dy: "[N,h,w,D]",
    filter: "[kh,kw,C,D]",
    x: "[N,H,W,C]",
    scale: "[C]",
    shift: "[C]",
  },
  attributes: attributesOf<ConvGradientAttributes>(),
  output: "[N,H,W,C]",
  shape: ({ x }) => like(x),
  flops: inputGradientWork,
  half: { reads: true, gives: ({ x }) => storedInHalf(x) },
  webgpu({ dy, filter, x, scale, shift }, { geometry }, context) {
    const { backend } = context, half = context.half(geometry.input);
    const through = { x, scale, shift };
    return withWeights(
      backend,
      filter,
      half,
      (weights) => runConvInputGradient(backend, dy, weights, geometry, { through, half }),
    );
  },
});

/** Gradient of {@linkcode bnReluConvOp} towards its filter. */
export const bnReluConvFilterGradientOp = defineOp({
  name: "BnReluConvFilterGradient",
  summary: "gradient of a convolution of a normalised, rectified map towards the filter",
  inputs: { x: "[N,H,W,C]", scale: "[C]", shift: "[C]", dy: "[N,h,w,D]" },
  attributes: attributesOf<ConvGradientAttributes>(),
  output: "[kh,kw,C,D]",
  shape: filterShape,
  flops: filterGradientWork,
  half: { reads: true },
  webgpu: ({ x, scale, shift, dy }, { geometry }, { backend }) =>
    runConvFilterGradient(backend, x, dy, geometry, { scale, shift }),
});

/** Options of {@linkcode bnReluConv2d}. */
export interface BnReluConvOptions extends ConvOptions {
  /** Of the result's shape, added to it: the shortcut of a residual block. */
  readonly residual?: tf.Tensor4D | undefined;
}

/**
 * Convolution of a batch-normalised and rectified map, as pre-activation residual networks have it:
 * `conv2d(relu(scale·x + shift), filter) + residual`. On webgpu it is one kernel: the normalised map is stored neither in the
 * forward nor in the backward pass; each kernel computes it from x, which is saved for the backward pass instead. On other backends it is
 * composed of the three operations.
 * Differentiable towards x, filter and residual once the operations are installed; the gradient of the relu at 0 is 0, as PyTorch's.
 *
 * @param x `[N,H,W,C]` float32
 * @param scale `[C]`, constant: it gets no gradient on webgpu
 * @param shift `[C]`, constant: it gets no gradient on webgpu
 * @param filter `[h,w,C,D]` float32 (HWIO)
 * @param options of the convolution; it pads the rectified map, with zeros
 * @returns `[N,h',w',D]` float32
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { bnReluConv2d } from "seamstress/ops";
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
  { residual, stride = 1, dilation = 1, pad }: BnReluConvOptions,
): tf.Tensor4D {
  return bnReluConvOp.run(
    { x, scale, shift, filter, ...residual && { residual } },
    { strides: stride, pad, dilations: dilation, dataFormat: "NHWC" },
  );
}

/**
 * Whether {@linkcode bnReluConv2d} is fused on the current backend, so that the normalised map takes no memory.
 *
 * @returns false where it is composed; a caller that needs the normalised map more than once should compute it once there
 */
export function sparesNormalisedMap(): boolean {
  return bnReluConvOp.hasKernel;
}
