import * as tf from "@tensorflow/tfjs";
import { convFilterGradient } from "../conv/filter_gradient.ts";
import { type ConvAttributes, geometryOf } from "../conv/geometry.ts";
import { depthwiseFilterGradient } from "../depthwise/filter_gradient.ts";
import { depthwiseInputGradient } from "../depthwise/input_gradient.ts";
import { replaceKernel } from "../registry.ts";

/** Attributes of tfjs's convolution gradient kernels. */
interface GradientAttributes extends ConvAttributes {
  readonly inputShape: readonly number[];
  readonly filterShape: readonly number[];
}

/**
 * tfjs registers no Conv2DBackpropFilter, DepthwiseConv2dNativeBackpropInput, DepthwiseConv2dNativeBackpropFilter or
 * UnsortedSegmentSum on wasm: ops that need them throw "Kernel '…' not registered for backend 'wasm'". To see it:
 * `tf.grad((x) => tf.gather(x, [0, 0]))(tf.ones([2, 3]))`. Our convolution gradients pass the first three by; they are here for
 * those who call tfjs's ops themselves.
 */
export function installWasmMissingKernels(): void {
  replaceKernel("Conv2DBackpropFilter", "wasm", ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const attributes = attrs as unknown as GradientAttributes;
    const geometry = geometryOf(x.shape, attributes.filterShape, attributes, false);
    return convFilterGradient(x, dy, geometry);
  });
  replaceKernel("DepthwiseConv2dNativeBackpropInput", "wasm", ({ inputs, attrs }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const attributes = attrs as unknown as GradientAttributes;
    const geometry = geometryOf(attributes.inputShape, filter.shape, attributes, true);
    return depthwiseInputGradient(dy, filter, geometry);
  });
  replaceKernel("DepthwiseConv2dNativeBackpropFilter", "wasm", ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const attributes = attrs as unknown as GradientAttributes;
    const geometry = geometryOf(x.shape, attributes.filterShape, attributes, true);
    return depthwiseFilterGradient(x, dy, geometry);
  });
  replaceKernel("UnsortedSegmentSum", "wasm", ({ inputs, attrs }) => {
    const { x, segmentIds } = inputs as { x: tf.Tensor; segmentIds: tf.Tensor1D };
    const { numSegments } = attrs as unknown as { numSegments: number };
    return unsortedSegmentSum(x, segmentIds, numSegments);
  });
}

/**
 * Adds slices up by segment. Slices of a negative or too large id are left out, as the other backends do.
 *
 * @param x `[M,…]`
 * @param segmentIds `[M]` int32
 * @param segments how many
 * @returns `[segments,…]`
 */
function unsortedSegmentSum(x: tf.Tensor, segmentIds: tf.Tensor1D, segments: number): tf.Tensor {
  const ids = segmentIds.dataSync(), values = x.dataSync();
  const length = x.size / Math.max(ids.length, 1);
  const sums = x.dtype === "float32"
    ? new Float32Array(segments * length)
    : new Int32Array(segments * length);
  ids.forEach((id, row) => {
    if (id < 0 || id >= segments) return;
    for (let i = 0; i < length; i++) sums[id * length + i]! += values[row * length + i]!;
  });
  return tf.tensor(sums, [segments, ...x.shape.slice(1)], x.dtype);
}
