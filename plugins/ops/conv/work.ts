import type * as tf from "@tensorflow/tfjs";
import { sizeOf } from "../define/shapes.ts";
import type { ConvGeometry } from "./geometry.ts";

/** Taps of a filter `[kh,kw,…]`. */
const taps = ({ shape }: tf.TensorInfo) => shape[0]! * shape[1]!;

/** Arithmetic of a convolution: two operations per multiply-add; those with padding zeros count too. */
export const forwardWork = {
  kind: "convolution",
  /** @returns operations, from the filter and the output */
  count: ({ filter }: { readonly filter: tf.TensorInfo }, _: object, output: tf.TensorInfo) =>
    2 * sizeOf(output.shape) * taps(filter) * filter.shape[2]!,
} as const;

/** Arithmetic of a convolution's gradient towards its input. */
export const inputGradientWork = {
  kind: "convolution",
  /** @returns operations, from the output's gradient, the filter and the input's gradient */
  count: (
    { dy, filter }: { readonly dy: tf.TensorInfo; readonly filter: tf.TensorInfo },
    _: object,
    output: tf.TensorInfo,
  ) => 2 * sizeOf(dy.shape) * taps(filter) * output.shape[3]!,
} as const;

/** Arithmetic of a convolution's gradient towards its filter. */
export const filterGradientWork = {
  kind: "filter gradient",
  /** @returns operations, from the output's gradient and the filter's */
  count: ({ dy }: { readonly dy: tf.TensorInfo }, _: object, output: tf.TensorInfo) =>
    2 * sizeOf(dy.shape) * taps(output) * output.shape[2]!,
} as const;

/** Arithmetic of a depthwise convolution. */
export const depthwiseWork = {
  kind: "depthwise",
  /** @returns operations, from the filter and the output */
  count: ({ filter }: { readonly filter: tf.TensorInfo }, _: object, output: tf.TensorInfo) =>
    2 * sizeOf(output.shape) * taps(filter),
} as const;

/** Arithmetic of a depthwise convolution's gradient towards its input: two operations per multiply-add. */
export const depthwiseInputGradientWork = {
  kind: "depthwise",
  /** @returns operations, from the output's gradient and the filter */
  count: ({ dy, filter }: { readonly dy: tf.TensorInfo; readonly filter: tf.TensorInfo }) =>
    2 * sizeOf(dy.shape) * taps(filter),
} as const;

/** Arithmetic of a depthwise convolution's gradient towards its filter. */
export const depthwiseFilterGradientWork = {
  kind: "depthwise filter gradient",
  /** @returns operations, from the output's gradient and the taps */
  count: (
    { dy }: { readonly dy: tf.TensorInfo },
    { geometry: { taps } }: { readonly geometry: ConvGeometry },
  ) => 2 * sizeOf(dy.shape) * taps[0] * taps[1],
} as const;
