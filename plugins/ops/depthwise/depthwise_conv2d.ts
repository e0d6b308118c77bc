import * as tf from "@tensorflow/tfjs";
import { storedInHalf } from "../precision.ts";
import { type ConvAttributes, type ConvOptions, geometryOf } from "../conv/geometry.ts";
import { depthwiseWork } from "../conv/work.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { floats } from "../define/shapes.ts";
import { offsetOf } from "../wasm/heap.ts";
import { depthwiseConvolveOnHeap, isDepthwise3x3 } from "./convolve_on_heap.ts";
import { runDepthwiseConv2d } from "./depthwise_conv2d.wgsl.ts";
import { depthwiseFilterGradient } from "./filter_gradient.ts";
import { depthwiseInputGradient } from "./input_gradient.ts";

/**
 * tfjs's depthwise convolution. Its own gradient throws where dilation > 1, on every backend, and its kernels are not registered on
 * wasm. To see it: `tf.grad((x) => tf.depthwiseConv2d(x, filter, 1, "same", "NHWC", 2))(x)`. On webgpu it computes one channel per
 * invocation where dilation > 1, and does not support half precision; this project's kernel computes four channels of several
 * pixels per invocation. On wasm XNNPACK loads each pixel of the input once per tap; this project's 3x3 kernel once per row of taps.
 */
export const depthwiseConv2dOp = defineOp({
  name: "DepthwiseConv2dNative",
  replaces: true,
  summary: "depthwise 2-d convolution",
  inputs: { x: "[N,H,W,C]", filter: "[h,w,C,multiplier]" },
  attributes: attributesOf<ConvAttributes>(),
  output: "[N,h',w',D]",
  shape: ({ x, filter }, attributes) =>
    floats(...geometryOf(x.shape, filter.shape, attributes, true).output),
  flops: depthwiseWork,
  half: { reads: true, gives: asActivations },
  webgpu: {
    accepts: ({ x, filter }, { dataFormat }) =>
      dataFormat !== "NCHW" && x.dtype === "float32" && filter.dtype === "float32",
    run({ x, filter }, attributes, context) {
      const geometry = geometryOf(x.shape, filter.shape, attributes, true);
      const half = context.half(geometry.output);
      return runDepthwiseConv2d(context.backend, x, filter, geometry, half);
    },
  },
  wasm: {
    accepts: ({ x, filter }, attributes) =>
      attributes.dataFormat !== "NCHW" &&
      isDepthwise3x3(geometryOf(x.shape, filter.shape, attributes, true)),
    run({ x, filter }, attributes, { backend }) {
      const geometry = geometryOf(x.shape, filter.shape, attributes, true);
      const out = backend.makeOutput([...geometry.output], "float32");
      const [from, by, to] = [x, filter, out].map((tensor) => offsetOf(backend, tensor));
      depthwiseConvolveOnHeap(backend, from!, by!, geometry, to!);
      return out;
    },
  },
  gradient: {
    saves: ["x", "filter"],
    towards(dy, { x, filter }, attributes) {
      const geometry = geometryOf(x.shape, filter.shape, attributes, true);
      return {
        x: () => depthwiseInputGradient(dy, filter, geometry, storedInHalf(x)),
        filter: () => depthwiseFilterGradient(x, dy, geometry),
      };
    },
  },
});

/**
 * Depthwise 2-d convolution without bias: each channel with its own filter. Differentiable with any stride or dilation once the
 * backend is prepared.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,1]` float32
 * @param options stride and dilation, of which one must be 1, and padding
 * @returns `[N,h',w',C]` float32
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { depthwiseConv2d } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const y = depthwiseConv2d(tf.ones([1, 4, 4, 3]), tf.ones([3, 3, 3, 1]), { stride: 2, pad: 1 });
 * assertEquals(y.shape, [1, 2, 2, 3]);
 * assertEquals((await y.data())[0], 4);
 * ```
 */
export function depthwiseConv2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  options: ConvOptions,
): tf.Tensor4D {
  const { stride = 1, dilation = 1, pad } = options;
  return tf.depthwiseConv2d(x, filter, stride, pad, "NHWC", dilation);
}
