import type * as tf from "@tensorflow/tfjs";
import { composeConvInputGradient } from "./input_gradient.ts";
import { composeDepthwiseFilterGradient } from "../depthwise/filter_gradient.ts";
import { composeDepthwiseInputGradient } from "../depthwise/input_gradient.ts";
import {
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
  DEPTHWISE_FILTER_GRADIENT,
  DEPTHWISE_INPUT_GRADIENT,
  FLIP_FILTER,
} from "../own_kernels.ts";
import { filterGradientOnHeap, inputGradientOnHeap, isPointwise } from "./on_heap.ts";
import { depthwiseFilterGradientOnHeap } from "../depthwise/filter_gradient_on_heap.ts";
import {
  depthwiseInputGradientOnHeap,
  isDepthwise3x3,
} from "../depthwise/input_gradient_on_heap.ts";
import { floatsAt, offsetOf, type Wasm } from "../wasm/heap.ts";
import { transposeInto } from "../wasm/transpose.ts";
import { replaceKernel } from "../registry.ts";

/**
 * Composed of tfjs's ops, the gradients of convolutions spend half a training step of a small network on wasm in StridedSlice and
 * Slice, which walk index by index and copy their whole input, and multiply zeros where the stride is 2. These kernels gather on the
 * heap and multiply by our own products. To see it: bench/wasm_kernels.ts.
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
    if (!isPointwise(geometry) && geometry.stride[0] === 1 && geometry.stride[1] === 1) {
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
  replaceKernel(FLIP_FILTER, "wasm", ({ inputs, backend }) => {
    const { filter } = inputs as { filter: tf.Tensor4D };
    const [kh, kw, channels, filters] = filter.shape;
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput([kh, kw, filters, channels], "float32");
    const size = channels * filters, taps = kh * kw;
    const from = floatsAt(wasm, offsetOf(wasm, filter), taps * size);
    const to = floatsAt(wasm, offsetOf(wasm, out), taps * size);
    for (let tap = 0; tap < taps; tap++) {
      const other = taps - 1 - tap;
      transposeInto(
        from.subarray(tap * size, (tap + 1) * size),
        channels,
        filters,
        to.subarray(other * size, (other + 1) * size),
      );
    }
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
  replaceKernel(DEPTHWISE_FILTER_GRADIENT, "wasm", ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    const channels = geometry.input[3];
    if (geometry.output[3] !== channels) return composeDepthwiseFilterGradient(x, dy, geometry);
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput([...geometry.taps, channels, 1], "float32");
    depthwiseFilterGradientOnHeap(
      wasm,
      offsetOf(wasm, x),
      offsetOf(wasm, dy),
      geometry,
      offsetOf(wasm, out),
    );
    return out;
  });
}
