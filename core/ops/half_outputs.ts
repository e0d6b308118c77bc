import type * as tf from "@tensorflow/tfjs";
import {
  BN_RELU_CONV,
  BN_RELU_CONV_INPUT_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  DEPTHWISE_INPUT_GRADIENT,
  FROZEN_NORM,
  FROZEN_NORM_GRADIENT,
} from "./own_kernels.ts";
import { storedInHalf, storesActivations } from "./precision.ts";

type Inputs = Readonly<Record<string, tf.TensorInfo | undefined>>;

const activations = () => storesActivations();
/** Rounded once more, but what is added or scaled was rounded before, and a map would take its full size again. */
const alike = (inputs: Inputs, shape: readonly number[]) =>
  storesActivations() ||
  Object.values(inputs).some((input) =>
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

/** Kernels that {@linkcode givesHalf} may be true for. */
export const HALF_KERNELS: readonly string[] = Object.keys(RULES);

/**
 * @param kernelName a kernel
 * @param inputs its inputs
 * @param attributes its attributes
 * @param shape of its result; halves lie in fours, so the last axis must be a multiple of 4
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
    rule(inputs as Inputs, shape, attributes);
}
