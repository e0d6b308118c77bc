import type * as tf from "@tensorflow/tfjs";
import type { WorkKind } from "../../../core/contracts/work.ts";
import type { OutputShape } from "./spec.ts";

/** A kernel's inputs by name; some kernels of tfjs take a list. */
export type KernelInputs = Readonly<Record<string, tf.TensorInfo>>;

/** An op without the types of its inputs, for code that works with any op, such as estimates. */
export interface RegisteredOp {
  /** Name of its kernels in tfjs. */
  readonly kernel: string;
  /**
   * Infers the shape and type of the result, without values.
   *
   * @returns shape and type of the result
   */
  shapeOf(inputs: KernelInputs, attributes: object): OutputShape | readonly OutputShape[];
  /**
   * Counts the arithmetic of a call.
   *
   * @returns kind and number of its operations; undefined where it is memory-bound
   */
  workOf(
    inputs: KernelInputs,
    attributes: object,
    output: tf.TensorInfo,
  ): { readonly kind: WorkKind; readonly flops: number } | undefined;
  /** Whether its kernel reads half-precision inputs directly. */
  readonly readsHalves: boolean;
  /**
   * Whether a result is stored in float16.
   *
   * @returns whether its result is stored in float16
   */
  givesHalf(inputs: KernelInputs, attributes: object, shape: readonly number[]): boolean;
  /**
   * Which inputs' memory a kernel writes to.
   *
   * @returns whether a kernel writes to the memory of this input; undefined for an op that makes new tensors
   */
  readonly overwrites: ((input: string) => boolean) | undefined;
}
