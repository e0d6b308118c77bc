import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, type ConvGeometry, geometryOf } from "./geometry.ts";
import { givesHalf } from "../half_outputs.ts";
import {
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  DEPTHWISE_FILTER_GRADIENT,
  DEPTHWISE_INPUT_GRADIENT,
} from "../own_kernels.ts";
import { runConv2d } from "./conv2d.wgsl.ts";
import { runConvFilterGradient } from "./filter_gradient.wgsl.ts";
import { runConvInputGradient } from "./input_gradient.wgsl.ts";
import { runDepthwiseConv2d } from "../depthwise/depthwise_conv2d.wgsl.ts";
import { runDepthwiseFilterGradient } from "../depthwise/filter_gradient.wgsl.ts";
import { runDepthwiseInputGradient } from "../depthwise/input_gradient.wgsl.ts";
import { withWeights } from "../webgpu/half.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs's weight gradient on webgpu is one scalar loop over all pixels an output, a fifth as fast as its forward pass, and both
 * gradients know no dilation; its depthwise convolution computes one channel an invocation where it dilates, and none knows halves.
 * These kernels are implicit matrix products, and depthwise ones for four channels of several pixels, forward and backward. To see
 * it: bench/webgpu_kernels.ts.
 */
export function installWebgpuConvolutions(): void {
  installForward("Conv2D", false, (backend, x, filter, geometry, half) =>
    withWeights(
      backend,
      filter,
      half,
      (weights) => runConv2d(backend, x, weights, geometry, { half }),
    ));
  installForward("DepthwiseConv2dNative", true, runDepthwiseConv2d);
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
    const half = givesHalf(DEPTHWISE_INPUT_GRADIENT, inputs, attrs, geometry.input);
    return runDepthwiseInputGradient(backend as unknown as WebGpu, dy, filter, geometry, half);
  });
  replaceKernel(DEPTHWISE_FILTER_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    return runDepthwiseFilterGradient(backend as unknown as WebGpu, x, dy, geometry);
  });
}

/** Registers a convolution of floats in NHWC; tfjs's own is left for all else. */
function installForward(
  kernelName: "Conv2D" | "DepthwiseConv2dNative",
  depthwise: boolean,
  run: (
    backend: WebGpu,
    x: tf.TensorInfo,
    filter: tf.TensorInfo,
    geometry: ConvGeometry,
    half: boolean,
  ) => tf.TensorInfo,
): void {
  const stock = tf.getKernel(kernelName, "webgpu").kernelFunc;
  replaceKernel(kernelName, "webgpu", (call) => {
    const { x, filter } = call.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const attributes = call.attrs as unknown as ConvAttributes;
    if (attributes.dataFormat === "NCHW" || x.dtype !== "float32" || filter.dtype !== "float32") {
      return stock(call);
    }
    const geometry = geometryOf(x.shape, filter.shape, attributes, depthwise);
    const half = givesHalf(kernelName, call.inputs, attributes, geometry.output);
    return run(call.backend as unknown as WebGpu, x, filter, geometry, half);
  });
}
