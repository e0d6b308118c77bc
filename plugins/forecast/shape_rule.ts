import type * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "../ops/conv/geometry.ts";
import { floats } from "../ops/define/shapes.ts";
import type { OutputShape } from "../ops/define/spec.ts";

/** A kernel's inputs; some kernels take a list. */
export type KernelInputs =
  & Readonly<Record<string, tf.TensorInfo>>
  & Iterable<tf.TensorInfo>
  & { readonly length: number; readonly [index: number]: tf.TensorInfo };

/** Computes a kernel's output shapes from its inputs and attributes. */
export type ShapeRule = (
  inputs: KernelInputs,
  attributes: Attributes,
) => OutputShape | readonly OutputShape[];

/** Attributes that rules read; which of them a kernel has, its rule knows. */
export interface Attributes extends ConvAttributes {
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

/**
 * Assigns one rule to several kernels.
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
 * Makes the rule of a forward convolution.
 *
 * @param depthwise whether each channel has filters of its own
 * @returns the rule of convolutions
 */
export function convolution(depthwise: boolean): ShapeRule {
  return (inputs, attributes) =>
    floats(
      ...geometryOf(inputs["x"]!.shape, inputs["filter"]!.shape, attributes, depthwise).output,
    );
}
