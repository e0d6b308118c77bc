import * as tf from "@tensorflow/tfjs";
import type { OutputShape } from "./spec.ts";

/** A shape of four axes, as tfjs wants it. */
export type Four = [number, number, number, number];

/**
 * Describes an output of the same shape as a tensor.
 *
 * @param input a tensor
 * @param as data type of the output; by default the input's
 * @returns an output of its shape
 */
export const like = ({ shape, dtype }: tf.TensorInfo, as: tf.DataType = dtype): OutputShape => ({
  shape,
  dtype: as,
});

/**
 * Describes an output of floats.
 *
 * @param shape its shape
 * @returns the output
 */
export const floats = (...shape: readonly number[]): OutputShape => ({ shape, dtype: "float32" });

/**
 * Describes the output of an elementwise operation.
 *
 * @param inputs two tensors whose shapes broadcast
 * @param as data type of the output; by default the first input's
 * @returns the output
 */
export function broadcast(
  { a, b }: { readonly a: tf.TensorInfo; readonly b: tf.TensorInfo },
  as: tf.DataType = a.dtype,
): OutputShape {
  return { shape: tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape), dtype: as };
}

/** Reduced axes, which tfjs's kernels accept under either name. */
export interface AxisAttributes {
  /** Axes that are reduced; all where both names are left out. */
  readonly axis?: number | number[];
  /** Another name of `axis`. */
  readonly reductionIndices?: number | number[];
  /** Whether reduced axes are kept, with size 1. */
  readonly keepDims?: boolean;
}

/**
 * @param shape of a tensor
 * @param attributes of a kernel that runs along axes
 * @returns the axes as non-negative indices
 */
export function axesOf(
  shape: readonly number[],
  { axis, reductionIndices }: AxisAttributes,
): number[] {
  return tf.util.parseAxisParam((reductionIndices ?? axis)!, [...shape]);
}

/**
 * Describes the output of a reduction.
 *
 * @param x what is reduced
 * @param attributes of the kernel
 * @param as data type of the output; by default the input's, or int32 for booleans
 * @returns the output
 */
export function reducedShape(
  { shape, dtype }: tf.TensorInfo,
  attributes: AxisAttributes,
  as: tf.DataType = dtype === "bool" ? "int32" : dtype,
): OutputShape {
  const axes = axesOf(shape, attributes);
  const left = shape.flatMap((size, i) =>
    !axes.includes(i) ? [size] : attributes.keepDims ? [1] : []
  );
  return { shape: left, dtype: as };
}

/** Attributes of tfjs's pooling kernels. */
export interface PoolAttributes {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: Parameters<typeof tf.backend_util.computePool2DInfo>[4];
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/**
 * Where the windows of a pooling lie.
 *
 * @param shape `[N,H,W,C]`
 * @param attributes of the kernel
 * @returns tfjs's description of the pooling geometry
 */
export function poolInfo(
  shape: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): tf.backend_util.Conv2DInfo {
  const image = shape as Four;
  return tf.backend_util.computePool2DInfo(image, filterSize, strides, 1, pad, dimRoundingMode);
}

/**
 * Counts elements.
 *
 * @param shape of a tensor
 * @returns how many it has
 */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
