import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "./conv/geometry.ts";
import type { Alignment } from "./interpolate/alignment.ts";

/**
 * Names of kernels that only this project registers, each for the backends where it beats a composition of tfjs's own ops. An op
 * that finds none for the current backend composes the result.
 */

/** `{dy, filter}`, `{geometry}` → `[N,H,W,C]`. */
export const CONV_INPUT_GRADIENT = "SeamstressConvInputGradient";
/** `{filter: [kh,kw,C,D]}` → `[kh,kw,D,C]`, both axes of taps reversed. */
export const FLIP_FILTER = "SeamstressFlipFilter";
/** `{x, dy}`, `{geometry}` → `[kh,kw,C,D]`. */
export const CONV_FILTER_GRADIENT = "SeamstressConvFilterGradient";
/** `{dy, filter}`, `{geometry}` → `[N,H,W,C]`. */
export const DEPTHWISE_INPUT_GRADIENT = "SeamstressDepthwiseInputGradient";
/** `{x, dy}`, `{geometry}` → `[kh,kw,C,multiplier]`. */
export const DEPTHWISE_FILTER_GRADIENT = "SeamstressDepthwiseFilterGradient";
/** `{x, scale: [C], shift: [C], filter, residual?}`, `ConvAttributes` → `conv2d(relu(scale·x + shift), filter) + residual`. */
export const BN_RELU_CONV = "SeamstressBnReluConv2D";
/** `{dy, filter, x, scale, shift}`, `{geometry}` → `[N,H,W,C]`, gradient of x through scale, shift and relu. */
export const BN_RELU_CONV_INPUT_GRADIENT = "SeamstressBnReluConvInputGradient";
/** `{x, scale, shift, dy}`, `{geometry}` → `[kh,kw,C,D]`. */
export const BN_RELU_CONV_FILTER_GRADIENT = "SeamstressBnReluConvFilterGradient";
/** `{x: [N,M]}`, `{count}` → `[N,M]` float32, 1 at the `count` largest elements of each row, 0 elsewhere. */
export const SELECT_LARGEST = "SeamstressSelectLargest";

/** `{x: [M,K], max: [M,1]}` → `[M,K]` float32, 1 at the first element of each row that equals its maximum, 0 elsewhere. */
export const FIRST_MAXIMUM = "SeamstressFirstMaximum";

/** `{x, max, dy}`, `{outer, middle, inner}` → `x`'s shape: dy `[outer,inner]` at the first of `middle` that equals max, 0 elsewhere. */
export const MAX_ONE_GRADIENT = "SeamstressMaxOneGradient";

/** `{x: […,C], mean, variance, weight, bias: [C]}`, {@linkcode FrozenNormAttributes} → `x`'s shape, normalised and activated. */
export const FROZEN_NORM = "SeamstressFrozenNorm";
/** `{dy, y?, variance, weight}`, the same attributes → `dy`'s shape. `y`, the result, may be left out where nothing activates. */
export const FROZEN_NORM_GRADIENT = "SeamstressFrozenNormGradient";

/** `{x: [K,from,M]}`, {@linkcode InterpolateAttributes} → `[K,size,M]`: a sparse matrix times each `[from,M]`. */
export const INTERPOLATE = "SeamstressInterpolate";

/** Attributes of {@linkcode INTERPOLATE}. */
export interface InterpolateAttributes {
  /** `[size][from]`, mostly 0. */
  readonly weights: Float32Array;
  readonly size: number;
}

/** `{x: [N,H,W,C]}`, {@linkcode InterpolateImageAttributes} → `[N,h,w,C]`: both axes of an image interpolated, or the gradient. */
export const INTERPOLATE_IMAGE = "SeamstressInterpolateImage";

/** Attributes of {@linkcode INTERPOLATE_IMAGE}. */
export interface InterpolateImageAttributes {
  /** Height and width before interpolation. */
  readonly from: readonly [number, number];
  /** Height and width after interpolation. */
  readonly to: readonly [number, number];
  readonly alignment: Alignment;
  /** `forward`: from → to; `backward`: the gradient, to → from. */
  readonly direction: "forward" | "backward";
  /** h and w: `to` or `from`. */
  readonly size: readonly [number, number];
}

/** Attributes of a batch normalisation with fixed statistics. */
export interface FrozenNormAttributes {
  readonly epsilon: number;
  readonly activation: "none" | "relu" | "relu6";
}

/** `{unit: [N,P,D], values: [N,P,C]}` → `[N,P,C]`, Σ_i relu(unit_j · unit_i) · values_i for every j. */
export const CORRELATION = "SeamstressCorrelation";

/** `{unit: [N,P,D], left: [N,P,E], right: [N,P,E]}` → `[N,P,D]`, Σ_i step(unit_j · unit_i) · (left_j · right_i) · unit_i for every j. */
export const CORRELATION_GRADIENT = "SeamstressCorrelationGradient";

/** `{x: [N,P,D]}`, `{epsilon}` → `[N,P,D]`, x / (‖x‖₂ + epsilon). */
export const UNIT_VECTORS = "SeamstressUnitVectors";

/** `{x: [N,P,D], dy: [N,P,D]}`, `{epsilon}` → `[N,P,D]`, the gradient of x. */
export const UNIT_VECTORS_GRADIENT = "SeamstressUnitVectorsGradient";

/** `{x0, x1, …}`, {@linkcode WeightedSumAttributes} → Σ factor·x, in that order. */
export const WEIGHTED_SUM = "SeamstressWeightedSum";

/** Attributes of {@linkcode WEIGHTED_SUM}. */
export interface WeightedSumAttributes {
  /** One a tensor. */
  readonly factors: readonly number[];
}

/**
 * `{w0, g0, m0?, w1, …}`, {@linkcode SgdUpdateAttributes} → the new `w0`, `m0`, `w1`, …; it takes the memory of `w` and `m` where
 * nobody else uses that: the caller must dispose them unread.
 */
export const SGD_UPDATE = "SeamstressSgdUpdate";

/** Attributes of {@linkcode SGD_UPDATE}. */
export interface SgdUpdateAttributes {
  readonly momentum: number;
  /** One a parameter. */
  readonly rates: readonly number[];
  /** One a parameter. */
  readonly weightDecays: readonly number[];
}

/** Attributes of the kernels that differentiate convolutions. */
export interface ConvGradientAttributes {
  readonly geometry: ConvGeometry;
  /** Whether the gradient of an input is stored in half, as the input is. */
  readonly half?: boolean;
}

/**
 * Runs one of our kernels on the current backend.
 *
 * @param name one of this module's names
 * @param inputs tensors by name
 * @param attributes whatever the kernel asks for
 * @returns its output, or undefined where the current backend has no such kernel
 */
export function runOwnKernel<T extends tf.Tensor>(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  attributes: object,
): T | undefined {
  if (tf.getKernel(name, tf.getBackend()) === undefined) return undefined;
  // tfjs types attributes as plain JSON-like maps and outputs as any tensors; ours are declared beside the names above.
  return tf.engine().runKernel(
    name,
    { ...inputs },
    attributes as unknown as tf.NamedAttrMap,
  ) as unknown as T;
}
