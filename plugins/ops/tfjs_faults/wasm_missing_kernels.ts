import * as tf from "@tensorflow/tfjs";
import { convFilterGradient } from "../conv/filter_gradient.ts";
import { type ConvAttributes, geometryOf } from "../conv/geometry.ts";
import { depthwiseFilterGradient } from "../depthwise/filter_gradient.ts";
import { depthwiseInputGradient } from "../depthwise/input_gradient.ts";
import { attributesOf } from "../define/spec.ts";
import { fixKernel } from "../define/fix_kernel.ts";

/** Attributes of tfjs's convolution gradient kernels. */
interface GradientAttributes extends ConvAttributes {
  readonly inputShape: readonly number[];
  readonly filterShape: readonly number[];
}

/**
 * tfjs registers no Conv2DBackpropFilter, DepthwiseConv2dNativeBackpropInput, DepthwiseConv2dNativeBackpropFilter or
 * UnsortedSegmentSum on wasm: ops that need them throw "Kernel '…' not registered for backend 'wasm'". To see it:
 * `tf.grad((x) => tf.gather(x, [0, 0]))(tf.ones([2, 3]))`. This project's convolution gradients do not need the first three; they
 * are registered for code that calls tfjs's ops directly.
 */
export function installWasmMissingKernels(): void {
  fixKernel({
    kernel: "Conv2DBackpropFilter",
    backend: "wasm",
    inputs: { x: "[N,H,W,C]", dy: "[N,h,w,D]" },
    attributes: attributesOf<GradientAttributes>(),
    run({ x, dy }, attributes) {
      const geometry = geometryOf(x.shape, attributes.filterShape, attributes, false);
      return convFilterGradient(x, dy, geometry);
    },
  });
  fixKernel({
    kernel: "DepthwiseConv2dNativeBackpropInput",
    backend: "wasm",
    inputs: { dy: "[N,h,w,D]", filter: "[kh,kw,C,multiplier]" },
    attributes: attributesOf<GradientAttributes>(),
    run({ dy, filter }, attributes) {
      const geometry = geometryOf(attributes.inputShape, filter.shape, attributes, true);
      return depthwiseInputGradient(dy, filter, geometry);
    },
  });
  fixKernel({
    kernel: "DepthwiseConv2dNativeBackpropFilter",
    backend: "wasm",
    inputs: { x: "[N,H,W,C]", dy: "[N,h,w,D]" },
    attributes: attributesOf<GradientAttributes>(),
    run({ x, dy }, attributes) {
      const geometry = geometryOf(x.shape, attributes.filterShape, attributes, true);
      return depthwiseFilterGradient(x, dy, geometry);
    },
  });
  fixKernel({
    kernel: "UnsortedSegmentSum",
    backend: "wasm",
    inputs: { x: "[…]", segmentIds: "[M]" },
    attributes: attributesOf<{ readonly numSegments: number }>(),
    run({ x, segmentIds }, { numSegments }) {
      return unsortedSegmentSum(x, segmentIds, numSegments);
    },
  });
}

/**
 * Sums slices by segment. Slices with a negative or too large id are ignored, as on the other backends.
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
