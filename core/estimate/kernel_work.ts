import type * as tf from "@tensorflow/tfjs";
import {
  BN_RELU_CONV,
  BN_RELU_CONV_FILTER_GRADIENT,
  BN_RELU_CONV_INPUT_GRADIENT,
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  CORRELATION,
  CORRELATION_GRADIENT,
  DEPTHWISE_FILTER_GRADIENT,
  DEPTHWISE_INPUT_GRADIENT,
} from "../../plugins/ops/own_kernels.ts";
import type { KernelInputs } from "./shape_rule.ts";
import type { WorkKind } from "./work.ts";

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Multiplications and additions of a kernel bound by arithmetic, and its kind; none for one bound by memory. */
type Arithmetic = { readonly kind: WorkKind; readonly flops: number } | undefined;

/**
 * Counts the arithmetic of one kernel call: two operations a product that is added up; what padding leaves out counts too.
 *
 * @param name the kernel
 * @param inputs as it got them
 * @param attributes as it got them
 * @param output its first output
 * @returns the kernel's kind and operations; none where it only moves memory
 */
export function arithmetic(
  name: string,
  inputs: KernelInputs,
  attributes: unknown,
  output: tf.TensorInfo,
): Arithmetic {
  const taps = (filter: tf.TensorInfo) => filter.shape[0]! * filter.shape[1]!;
  switch (name) {
    case "Conv2D":
    case "FusedConv2D":
    case BN_RELU_CONV: {
      const filter = inputs["filter"]!;
      return {
        kind: "convolution",
        flops: 2 * sizeOf(output.shape) * taps(filter) * filter.shape[2]!,
      };
    }
    case "Conv2DBackpropInput":
    case CONV_INPUT_GRADIENT:
    case BN_RELU_CONV_INPUT_GRADIENT:
      return {
        kind: "convolution",
        flops: 2 * sizeOf(inputs["dy"]!.shape) * taps(inputs["filter"]!) * output.shape[3]!,
      };
    case "Conv2DBackpropFilter":
    case CONV_FILTER_GRADIENT:
    case BN_RELU_CONV_FILTER_GRADIENT:
      return {
        kind: "filter gradient",
        flops: 2 * sizeOf(inputs["dy"]!.shape) * taps(output) * output.shape[2]!,
      };
    case "DepthwiseConv2dNative":
    case "FusedDepthwiseConv2D":
      return { kind: "depthwise", flops: 2 * sizeOf(output.shape) * taps(inputs["filter"]!) };
    case "DepthwiseConv2dNativeBackpropInput":
    case DEPTHWISE_INPUT_GRADIENT: {
      const { filter, dy } = inputs;
      return { kind: "depthwise", flops: 2 * sizeOf(dy!.shape) * taps(filter!) };
    }
    case "DepthwiseConv2dNativeBackpropFilter":
    case DEPTHWISE_FILTER_GRADIENT: {
      const [height, width] = (attributes as ConvGradientAttributes).geometry?.taps ?? output.shape;
      return {
        kind: "depthwise filter gradient",
        flops: 2 * sizeOf(inputs["dy"]!.shape) * height! * width!,
      };
    }
    case "BatchMatMul":
    case "_FusedMatMul": {
      const inner = inputs["a"]!.shape.at(
        (attributes as { transposeA: boolean }).transposeA ? -2 : -1,
      )!;
      return { kind: "matrix product", flops: 2 * sizeOf(output.shape) * inner };
    }
    case CORRELATION:
    case CORRELATION_GRADIENT: {
      const [, positions] = output.shape;
      const { unit, values, left } = inputs;
      const width = unit!.shape[2]! + (values?.shape[2] ?? left!.shape[2]! + unit!.shape[2]!);
      return {
        kind: "matrix product",
        flops: 2 * output.shape[0]! * positions! * positions! * width,
      };
    }
    default:
      return undefined;
  }
}
