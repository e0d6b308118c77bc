import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "../conv_geometry.ts";
import { givesHalf } from "../half_outputs.ts";
import {
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  DEPTHWISE_FILTER_GRADIENT,
  DEPTHWISE_INPUT_GRADIENT,
} from "../own_kernels.ts";
import { runConv2d } from "../webgpu/conv2d.wgsl.ts";
import { runConvFilterGradient } from "../webgpu/conv_filter_gradient.wgsl.ts";
import { runConvInputGradient } from "../webgpu/conv_input_gradient.wgsl.ts";
import { runDepthwiseFilterGradient } from "../webgpu/depthwise_filter_gradient.wgsl.ts";
import { runDepthwiseInputGradient } from "../webgpu/depthwise_input_gradient.wgsl.ts";
import { withWeights } from "../webgpu/half.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceKernel } from "./registry.ts";

/**
 * tfjs's weight gradient on webgpu is one scalar loop over all pixels an output, a fifth as fast as its forward pass, and both
 * gradients know no dilation. These kernels are implicit matrix products, forward and backward. To see it:
 * bench/webgpu_kernels.ts.
 */
export function installWebgpuConvolutions(): void {
  const stock = tf.getKernel("Conv2D", "webgpu").kernelFunc;
  replaceKernel("Conv2D", "webgpu", (call) => {
    const { x, filter } = call.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const attributes = call.attrs as unknown as ConvAttributes;
    if (attributes.dataFormat === "NCHW" || x.dtype !== "float32" || filter.dtype !== "float32") {
      return stock(call);
    }
    const backend = call.backend as unknown as WebGpu;
    const geometry = geometryOf(x.shape, filter.shape, attributes, false);
    const half = givesHalf("Conv2D", call.inputs, attributes, geometry.output);
    return withWeights(
      backend,
      filter,
      half,
      (weights) => runConv2d(backend, x, weights, geometry, { half }),
    );
  });
  replaceKernel(CONV_INPUT_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    const webgpu = backend as unknown as WebGpu;
    const half = givesHalf(CONV_INPUT_GRADIENT, inputs, attrs, geometry.input);
    return withWeights(
      webgpu,
      filter,
      half,
      (weights) => runConvInputGradient(webgpu, dy, weights, geometry, { half }),
    );
  });
  replaceKernel(CONV_FILTER_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    return runConvFilterGradient(backend as unknown as WebGpu, x, dy, geometry);
  });
  replaceKernel(DEPTHWISE_INPUT_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs as { dy: tf.TensorInfo; filter: tf.TensorInfo };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    return runDepthwiseInputGradient(backend as unknown as WebGpu, dy, filter, geometry);
  });
  replaceKernel(DEPTHWISE_FILTER_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    return runDepthwiseFilterGradient(backend as unknown as WebGpu, x, dy, geometry);
  });
}
