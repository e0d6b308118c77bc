import * as tf from "@tensorflow/tfjs";

/** Padding as tfjs's convolutions take it. */
export type ConvPadding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

/** Stride, dilation and padding of our convolutions. */
export interface ConvOptions {
  /** Input pixels per output pixel, both axes; 1 by default. */
  readonly stride?: number;
  /** Input pixels between taps, both axes; 1 by default. */
  readonly dilation?: number;
  /** Zeros on every side, or TensorFlow's SAME, which pads more at the bottom and right where it cannot pad evenly. */
  readonly pad: number | "same";
}

/** Attributes of tfjs's convolution kernels. */
export interface ConvAttributes {
  /** Input pixels per output pixel, of both axes or each. */
  readonly strides: number | [number, number];
  /** Zeros around the input. */
  readonly pad: ConvPadding;
  /** Input pixels between taps, of both axes or each; 1 where left out. */
  readonly dilations?: number | [number, number];
  /** Order of the input's axes; NHWC where left out, and nothing else is computed. */
  readonly dataFormat?: string;
  /** How an output size that is no integer is rounded; down where left out. */
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Where every tap of a 2-d convolution reads, with all padding explicit. */
export interface ConvGeometry {
  /** `[N,H,W,C]`. */
  readonly input: readonly [number, number, number, number];
  /** `[N,h,w,D]`. */
  readonly output: readonly [number, number, number, number];
  /** Taps by axis. */
  readonly taps: readonly [number, number];
  /** Input pixels per output pixel, by axis. */
  readonly stride: readonly [number, number];
  /** Input pixels between taps, by axis. */
  readonly dilation: readonly [number, number];
  /** Zeros before and after, by axis. */
  readonly pad: readonly [readonly [number, number], readonly [number, number]];
}

/**
 * Resolves the shapes and padding of a convolution as tfjs does.
 *
 * @param input `[N,H,W,C]`
 * @param filter `[h,w,C,D]`, or `[h,w,C,multiplier]` where depthwise
 * @param strides by axis
 * @param pad tfjs's padding
 * @param dilations by axis
 * @param depthwise whether the filter is a depthwise one
 * @param rounding how an output size that is no integer is rounded; down by default
 * @returns the geometry
 */
export function convGeometry(
  input: readonly number[],
  filter: readonly number[],
  strides: number | [number, number],
  pad: ConvPadding,
  dilations: number | [number, number],
  depthwise: boolean,
  rounding?: "floor" | "round" | "ceil",
): ConvGeometry {
  const info = tf.backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    strides,
    dilations,
    pad,
    rounding,
    depthwise,
  );
  return {
    input: info.inShape,
    output: info.outShape,
    taps: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    dilation: [info.dilationHeight, info.dilationWidth],
    pad: [[info.padInfo.top, info.padInfo.bottom], [info.padInfo.left, info.padInfo.right]],
  };
}

/**
 * {@linkcode convGeometry} of a kernel's attributes.
 *
 * @param input `[N,H,W,C]`
 * @param filter `[h,w,C,D]`, or `[h,w,C,multiplier]` where depthwise
 * @param attributes as the kernel received them
 * @param depthwise whether the filter is a depthwise one
 * @returns the geometry
 * @throws RangeError where the layout is not NHWC, which would otherwise give wrong results silently
 */
export function geometryOf(
  input: readonly number[],
  filter: readonly number[],
  attributes: ConvAttributes,
  depthwise: boolean,
): ConvGeometry {
  const { strides, pad, dilations = 1, dataFormat = "NHWC", dimRoundingMode } = attributes;
  if (dataFormat !== "NHWC") {
    throw new RangeError(`Cannot convolve in layout ${dataFormat}: use NHWC`);
  }
  return convGeometry(input, filter, strides, pad, dilations, depthwise, dimRoundingMode);
}

/** Extent of the dilated filter along one axis, minus one. */
export function reach(geometry: ConvGeometry, axis: 0 | 1): number {
  return geometry.dilation[axis] * (geometry.taps[axis] - 1);
}
