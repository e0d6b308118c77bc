import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, geometryOf } from "../conv_geometry.ts";
import { composeDepthwiseInputGradient } from "../depthwise_input_gradient.ts";
import { type ConvGradientAttributes, DEPTHWISE_INPUT_GRADIENT } from "../own_kernels.ts";
import {
  depthwiseInputGradientOnHeap,
  depthwiseOnHeap,
  isDepthwise3x3,
} from "../wasm/depthwise.ts";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import { replaceKernel } from "./registry.ts";

/**
 * tfjs's DepthwiseConv2dNative on wasm is XNNPACK without fused multiply-add, and an input gradient composed of it convolves an image
 * that is three quarters zeros where the stride is 2. These do 3x3 filters, one a channel, and leave the others to tfjs.
 */
export function installWasmDepthwise(): void {
  const stock = tf.getKernel("DepthwiseConv2dNative", "wasm").kernelFunc;
  replaceKernel("DepthwiseConv2dNative", "wasm", (params) => {
    const { x, filter } = params.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const attributes = params.attrs as unknown as ConvAttributes;
    if ((attributes.dataFormat ?? "NHWC") !== "NHWC") return stock(params);
    const geometry = geometryOf(x.shape, filter.shape, attributes, true);
    if (!isDepthwise3x3(geometry)) return stock(params);
    const wasm = params.backend as unknown as Wasm;
    const out = wasm.makeOutput([...geometry.output], "float32");
    depthwiseOnHeap(wasm, offsetOf(wasm, x), offsetOf(wasm, filter), geometry, offsetOf(wasm, out));
    return out;
  });
  replaceKernel(DEPTHWISE_INPUT_GRADIENT, "wasm", ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    if (!isDepthwise3x3(geometry)) return composeDepthwiseInputGradient(dy, filter, geometry);
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput([...geometry.input], "float32");
    depthwiseInputGradientOnHeap(
      wasm,
      offsetOf(wasm, dy),
      offsetOf(wasm, filter),
      geometry,
      offsetOf(wasm, out),
    );
    return out;
  });
}
