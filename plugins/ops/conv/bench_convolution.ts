import * as tf from "@tensorflow/tfjs";
import type { BenchTensors } from "../define/bench_case.ts";
import type { ConvShape } from "./bench_shapes.ts";
import { convGeometry } from "./geometry.ts";

type Shape = [number, number, number, number];

/** The input, the filter and the gradient of the output. */
export interface ConvInputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
  readonly dy: tf.Tensor4D;
}

/**
 * What benchmark cases of a convolution and of its gradients are made of.
 *
 * @param shape of the convolution; of a depthwise one `filters` are those per channel
 * @param depthwise whether it is a depthwise one
 * @returns its geometry, the arguments of its op and of tfjs's kernels, the end of its cases' names, and their inputs
 */
export function benchConvolution(shape: ConvShape, depthwise: boolean) {
  const { samples, size, channels, filters, k, stride = 1, dilation = 1 } = shape;
  const input: Shape = [samples, size, size, channels], kernel: Shape = [k, k, channels, filters];
  const pad = dilation * (k - 1) / 2;
  const geometry = convGeometry(input, kernel, stride, pad, dilation, depthwise);
  const output = [...geometry.output] as Shape;
  const forwardInputs = ({ uniform }: BenchTensors) => ({
    x: uniform<tf.Rank.R4>(input),
    filter: uniform<tf.Rank.R4>(kernel),
  });
  return {
    geometry,
    options: { stride, dilation, pad },
    attributes: {
      ...{ strides: [stride, stride], pad, dilations: [dilation, dilation], dataFormat: "NHWC" },
      ...{ inputShape: input, filterShape: kernel },
    },
    suffix: `${stride > 1 ? ` stride ${stride}` : ""}${
      dilation > 1 ? ` dilation ${dilation}` : ""
    }`,
    flops: 2 * tf.util.sizeFromShape(output) * k * k * (depthwise ? 1 : channels),
    forwardInputs,
    inputs: (tensors: BenchTensors): ConvInputs => ({
      ...forwardInputs(tensors),
      dy: tensors.uniform<tf.Rank.R4>(output),
    }),
  };
}
