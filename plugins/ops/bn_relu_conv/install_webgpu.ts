import type * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "../conv/geometry.ts";
import { givesHalf } from "../half_outputs.ts";
import {
  BN_RELU_CONV,
  BN_RELU_CONV_FILTER_GRADIENT,
  BN_RELU_CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  runOwnKernel,
} from "../own_kernels.ts";
import { runConv2d } from "../conv/conv2d.wgsl.ts";
import { runConvFilterGradient } from "../conv/filter_gradient.wgsl.ts";
import { runConvInputGradient } from "../conv/input_gradient.wgsl.ts";
import { withWeights } from "../webgpu/half.wgsl.ts";
import type { WebGpu } from "../webgpu/program.ts";
import { replaceGradient, replaceKernel } from "../registry.ts";

/**
 * Kernels and gradient of `bnReluConv2d`. Composed of tfjs's ops a pre-activated convolution writes its normalised map, reads it
 * again, and passes over it three times more on the way back. To see it: bench/webgpu_kernels.ts.
 */
export function installWebgpuBnReluConv2d(): void {
  replaceKernel(BN_RELU_CONV, "webgpu", ({ inputs, attrs, backend }) => {
    const { x, scale, shift, filter, residual } = inputs as
      & Record<
        "x" | "scale" | "shift" | "filter",
        tf.TensorInfo
      >
      & { residual?: tf.TensorInfo };
    const geometry = geometryOf(x.shape, filter.shape, attrs as unknown as ConvAttributes, false);
    const webgpu = backend as unknown as WebGpu;
    const half = givesHalf(BN_RELU_CONV, inputs, attrs, geometry.output);
    const extras = { bnRelu: { scale, shift }, residual, half };
    return withWeights(
      webgpu,
      filter,
      half,
      (weights) => runConv2d(webgpu, x, weights, geometry, extras),
    );
  });
  replaceKernel(BN_RELU_CONV_INPUT_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { dy, filter, x, scale, shift } = inputs as Record<
      "dy" | "filter" | "x" | "scale" | "shift",
      tf.TensorInfo
    >;
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    const webgpu = backend as unknown as WebGpu;
    const half = givesHalf(BN_RELU_CONV_INPUT_GRADIENT, inputs, attrs, geometry.input);
    const through = { x, scale, shift };
    return withWeights(
      webgpu,
      filter,
      half,
      (weights) => runConvInputGradient(webgpu, dy, weights, geometry, { through, half }),
    );
  });
  replaceKernel(BN_RELU_CONV_FILTER_GRADIENT, "webgpu", ({ inputs, attrs, backend }) => {
    const { x, scale, shift, dy } = inputs as Record<
      "x" | "scale" | "shift" | "dy",
      tf.TensorInfo
    >;
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    return runConvFilterGradient(backend as unknown as WebGpu, x, dy, geometry, { scale, shift });
  });
  replaceGradient(BN_RELU_CONV, {
    inputsToSave: ["x", "scale", "shift", "filter"],
    gradFunc: (gradient, saved, attrs) => {
      const dy = gradient as tf.Tensor4D;
      const [x, scale, shift, filter] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const attributes = attrs as unknown as ConvAttributes;
      const geometry = geometryOf(x.shape, filter.shape, attributes, false);
      return {
        // The kernels above: registered together.
        x: () =>
          runOwnKernel(BN_RELU_CONV_INPUT_GRADIENT, { dy, filter, x, scale, shift }, { geometry })!,
        filter: () =>
          runOwnKernel(BN_RELU_CONV_FILTER_GRADIENT, { x, scale, shift, dy }, { geometry })!,
        residual: () => dy.clone(),
      };
    },
  });
}
