import type * as tf from "@tensorflow/tfjs";
import {
  BN_RELU_CONV,
  BN_RELU_CONV_FILTER_GRADIENT,
  BN_RELU_CONV_INPUT_GRADIENT,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  DEPTHWISE_FILTER_GRADIENT,
  DEPTHWISE_INPUT_GRADIENT,
  FROZEN_NORM,
  FROZEN_NORM_GRADIENT,
} from "./own_kernels.ts";
import { isBackward, storedInHalf, storesActivations } from "../../core/contracts/storage.ts";

type Inputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

const activations = () => storesActivations();
/**
 * On the way back, gradients of maps add up, or pass a mask: they were rounded before, and would take their full size again. On the way
 * forward, heads and losses compute in float32.
 */
const alike = (inputs: Inputs, shape: readonly number[]) =>
  storesActivations() ||
  isBackward() && Object.values(inputs).some((input) =>
      input !== undefined && input.shape.join() === shape.join() && storedInHalf(input)
    );
const towardsInput = (_: Inputs, __: readonly number[], attributes: unknown) =>
  (attributes as ConvGradientAttributes).half ?? false;

/** When a kernel's result is stored in half. */
type Rule = (inputs: Inputs, shape: readonly number[], attributes: unknown) => boolean;

/**
 * Kernels whose results can be stored in half, and when: feature maps where activations are stored so, the gradient of a map where
 * the map is. Results of all others are float32.
 */
const RULES: Readonly<Record<string, Rule>> = {
  Conv2D: activations,
  DepthwiseConv2dNative: activations,
  FusedBatchNorm: activations,
  MaxPool: activations,
  AvgPool: activations,
  [BN_RELU_CONV]: activations,
  [FROZEN_NORM]: activations,
  Add: alike,
  Multiply: alike,
  Relu: alike,
  Relu6: alike,
  [BN_RELU_CONV_INPUT_GRADIENT]: ({ x }) => storedInHalf(x!),
  [FROZEN_NORM_GRADIENT]: ({ dy, y }) => storedInHalf(y ?? dy!),
  [CONV_INPUT_GRADIENT]: towardsInput,
  [DEPTHWISE_INPUT_GRADIENT]: towardsInput,
};

/** Kernels that read halves, and write them where they give them; for others they are widened before, and narrowed after. */
export const READS_HALVES: ReadonlySet<string> = new Set([
  "Conv2D",
  "DepthwiseConv2dNative",
  "Add",
  "Multiply",
  "Relu",
  "Relu6",
  BN_RELU_CONV,
  BN_RELU_CONV_INPUT_GRADIENT,
  BN_RELU_CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  CONV_FILTER_GRADIENT,
  DEPTHWISE_INPUT_GRADIENT,
  DEPTHWISE_FILTER_GRADIENT,
  FROZEN_NORM,
  FROZEN_NORM_GRADIENT,
]);

/**
 * @param kernelName a kernel
 * @param inputs its inputs
 * @param attributes its attributes
 * @param shape of its result; halves lie in fours, so the last axis must be a multiple of 4, and a map has more than one position
 * @returns whether the result is stored in half
 */
export function givesHalf(
  kernelName: string,
  inputs: object,
  attributes: unknown,
  shape: readonly number[],
): boolean {
  const rule = RULES[kernelName];
  return rule !== undefined && shape.length === 4 && shape[3]! % 4 === 0 &&
    shape[1]! * shape[2]! > 1 &&
    rule(inputs as Inputs, shape, attributes);
}
