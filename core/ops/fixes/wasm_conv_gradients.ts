import type * as tf from "@tensorflow/tfjs";
import { composeConvInputGradient } from "../conv_input_gradient.ts";
import {
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
} from "../own_kernels.ts";
import { filterGradientOnHeap, inputGradientOnHeap } from "../wasm/conv_gradients.ts";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import { replaceKernel } from "./registry.ts";

/**
 * Composed of tfjs's ops, the gradients of strided convolutions spend half a training step of a small network on wasm in
 * StridedSlice and Slice, which walk index by index and copy their whole input. These kernels gather on the heap and leave the
 * arithmetic to XNNPACK. To see it: bench/mini_step.bench.ts.
 */
export function installWasmConvGradients(): void {
  replaceKernel(CONV_FILTER_GRADIENT, "wasm", ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput(
      [...geometry.taps, geometry.input[3], geometry.output[3]],
      "float32",
    );
    filterGradientOnHeap(
      wasm,
      offsetOf(wasm, x),
      offsetOf(wasm, dy),
      geometry,
      offsetOf(wasm, out),
    );
    return out;
  });
  replaceKernel(CONV_INPUT_GRADIENT, "wasm", ({ inputs, attrs, backend }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    const wasm = backend as unknown as Wasm;
    if (geometry.stride[0] === 1 && geometry.stride[1] === 1) {
      return composeConvInputGradient(dy, filter, geometry);
    }
    const out = wasm.makeOutput([...geometry.input], "float32");
    inputGradientOnHeap(
      wasm,
      offsetOf(wasm, dy),
      offsetOf(wasm, filter),
      geometry,
      offsetOf(wasm, out),
    );
    return out;
  });
}
