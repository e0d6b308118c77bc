import * as tf from "@tensorflow/tfjs";
import { storedInHalf } from "../precision.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { asActivations } from "../define/half_rules.ts";
import { floats } from "../define/shapes.ts";
import { offsetOf } from "../wasm/heap.ts";
import { withWeights } from "../webgpu/half.wgsl.ts";
import { runConv2d } from "./conv2d.wgsl.ts";
import { convolveOnCpu } from "./cpu.ts";
import { convFilterGradient } from "./filter_gradient.ts";
import { type ConvAttributes, type ConvOptions, geometryOf } from "./geometry.ts";
import { convInputGradient } from "./input_gradient.ts";
import { beatsStock, convolveOnHeap } from "./on_heap.ts";
import { splitRows } from "./split_rows.ts";
import { forwardWork } from "./work.ts";

/** Whether tensors are in the layout that our kernels read, NHWC. */
const isNhwc = ({ dataFormat = "NHWC" }: ConvAttributes) => dataFormat === "NHWC";

/**
 * tfjs's convolution. Its own gradient throws where dilation > 1, on every backend. To see it:
 * `tf.grad((x) => tf.conv2d(x, filter, 1, "same", "NHWC", 2))(x)`. On webgpu its kernel does not support half precision. On wasm it
 * is XNNPACK without fused multiply-add: 25 GFLOP/s, where relaxed SIMD reaches 45 on the same core; this project's kernel is an
 * im2col matrix product, used where the copy pays off, and for most 3 x 3 filters at stride 1 Winograd's, with 4 multiplications in place
 * of 9. On cpu tfjs accumulates in the float32 output, rounding after every
 * product: through ResNet38 its error is as large as the GPU's, although this backend is the reference for the others and should
 * be more exact; a single ReLU input with the wrong sign changes a gradient by a thousandth. The kernel here sums in float64. To
 * see it: convolve 4,096 channels of 0.1 with a filter of ones, and compare with 409.6.
 */
export const conv2dOp = defineOp({
  name: "Conv2D",
  replaces: true,
  summary: "2-d convolution",
  inputs: { x: "[N,H,W,C]", filter: "[h,w,C,D]" },
  attributes: attributesOf<ConvAttributes>(),
  output: "[N,h',w',D]",
  shape: ({ x, filter }, attributes) =>
    floats(...geometryOf(x.shape, filter.shape, attributes, false).output),
  flops: forwardWork,
  half: { reads: true, gives: asActivations },
  split: splitRows,
  webgpu: {
    accepts: ({ x, filter }, attributes) =>
      isNhwc(attributes) && x.dtype === "float32" && filter.dtype === "float32",
    run({ x, filter }, attributes, context) {
      const { backend } = context;
      const geometry = geometryOf(x.shape, filter.shape, attributes, false);
      const half = context.half(geometry.output);
      return withWeights(
        backend,
        filter,
        half,
        (weights) => runConv2d(backend, x, weights, geometry, { half }),
      );
    },
  },
  wasm: {
    accepts: (_, attributes) => isNhwc(attributes),
    run({ x, filter }, attributes, context) {
      const { backend } = context;
      const geometry = geometryOf(x.shape, filter.shape, attributes, false);
      if (!beatsStock(geometry)) return context.stock();
      const out = backend.makeOutput([...geometry.output], "float32");
      const [from, by, to] = [x, filter, out].map((tensor) => offsetOf(backend, tensor));
      convolveOnHeap(backend, from!, by!, geometry, to!);
      return out;
    },
  },
  cpu: ({ x, filter }, attributes, { backend }) =>
    convolveOnCpu(backend, x, filter, geometryOf(x.shape, filter.shape, attributes, false)),
  gradient: {
    saves: ["x", "filter"],
    towards(dy, { x, filter }, attributes) {
      const geometry = geometryOf(x.shape, filter.shape, attributes, false);
      return {
        x: () => convInputGradient(dy, filter, geometry, storedInHalf(x)),
        filter: () => convFilterGradient(x, dy, geometry),
      };
    },
  },
});

/**
 * 2-d convolution without bias (cross-correlation, as PyTorch's `conv2d`). Differentiable with any stride or dilation once the
 * backend is prepared.
 *
 * @param x `[N,H,W,C]` float32
 * @param filter `[h,w,C,D]` float32 (HWIO)
 * @param options stride and dilation, of which one must be 1, and padding
 * @returns `[N,h',w',D]` float32
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { conv2d } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const y = conv2d(tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), { dilation: 2, pad: 2 });
 * assertEquals(y.shape, [1, 5, 5, 4]);
 * assertEquals((await y.data())[0], 8);
 * ```
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, options: ConvOptions): tf.Tensor4D {
  return tf.conv2d(x, filter, options.stride ?? 1, options.pad, "NHWC", options.dilation ?? 1);
}
