import * as tf from "@tensorflow/tfjs";
import type { ConvAttributes } from "../../plugins/ops/conv/geometry.ts";
import type { ConvGradientAttributes } from "../../plugins/ops/own_kernels.ts";

/** A kernel's inputs; some kernels take a list. */
export type KernelInputs =
  & Readonly<Record<string, tf.TensorInfo>>
  & Iterable<tf.TensorInfo>
  & { readonly length: number; readonly [index: number]: tf.TensorInfo };

/** Size and type of an output. */
export interface OutputShape {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** What a kernel gives for its inputs and attributes. */
export type ShapeRule = (
  inputs: KernelInputs,
  attributes: Attributes,
) => OutputShape | readonly OutputShape[];

/** Attributes that rules read; which of them a kernel has, its rule knows. */
interface Attributes extends ConvAttributes, ConvGradientAttributes {
  readonly axis: number;
  readonly reductionIndices: number | readonly number[];
  readonly keepDims: boolean;
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
  readonly dim: number;
  readonly perm: readonly number[];
  readonly begin: number[];
  readonly end: number[];
  readonly size: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
  readonly reps: readonly number[];
  readonly paddings: readonly (readonly [number, number])[];
  readonly batchDims: number;
  readonly depth: number;
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly numOrSizeSplits: number | number[];
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly filterSize: number | [number, number];
  readonly inputShape: readonly number[];
  readonly filterShape: readonly number[];
  readonly numSegments: number;
  readonly outputShape: readonly number[];
}

/** A shape of four axes, as tfjs wants it. */
export type Four = [number, number, number, number];

/**
 * Gives several kernels one rule.
 *
 * @param names kernels, between spaces
 * @param rule of all of them
 * @returns entries of a table
 */
export const each = (names: string, rule: ShapeRule): readonly (readonly [string, ShapeRule])[] =>
  names.split(" ").map((name) => [name, rule]);

/**
 * Finds the input that a kernel's result follows.
 *
 * @param inputs of a kernel
 * @returns the one that is called `x`, else the first
 */
export const first = (inputs: KernelInputs): tf.TensorInfo =>
  inputs["x"] ?? inputs[0] ?? Object.values(inputs)[0]!;

/**
 * Describes an output that is shaped as a tensor.
 *
 * @param input a tensor
 * @param as another type than its own
 * @returns an output of its shape
 */
export const like = ({ shape, dtype }: tf.TensorInfo, as: tf.DataType = dtype): OutputShape => ({
  shape,
  dtype: as,
});

/**
 * Makes the rule of a forward convolution.
 *
 * @param depthwise whether each channel has filters of its own
 * @returns the rule of convolutions
 */
export function convolution(depthwise: boolean): ShapeRule {
  return (inputs, { strides, dilations, pad, dimRoundingMode }) => ({
    shape: tf.backend_util.computeConv2DInfo(
      inputs["x"]!.shape as Four,
      inputs["filter"]!.shape as Four,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      depthwise,
    ).outShape,
    dtype: "float32",
  });
}
