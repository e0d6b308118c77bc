import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv/geometry.ts";
import type { ConvGradientAttributes } from "../conv/gradient_attributes.ts";
import { tapReader } from "../conv/spatial.ts";
import { depthwiseFilterGradientWork } from "../conv/work.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { offsetOf } from "../wasm/heap.ts";
import { isDepthwise3x3 } from "./convolve_on_heap.ts";
import { runDepthwiseFilterGradient } from "./filter_gradient.wgsl.ts";
import { depthwiseFilterGradientOnHeap } from "./filter_gradient_on_heap.ts";

/** Gradient of a depthwise convolution towards its filter. */
export const depthwiseFilterGradientOp = defineOp({
  name: "DepthwiseFilterGradient",
  summary: "gradient of a depthwise convolution towards its filter",
  inputs: { x: "[N,H,W,C]", dy: "[N,h,w,D]" },
  attributes: attributesOf<ConvGradientAttributes>(),
  output: "[kh,kw,C,multiplier]",
  shape: (_, { geometry: { taps, input, output } }) =>
    floats(...taps, input[3], output[3] / input[3]),
  flops: depthwiseFilterGradientWork,
  half: { reads: true },
  webgpu: ({ x, dy }, { geometry }, { backend }) =>
    runDepthwiseFilterGradient(backend, x, dy, geometry),
  wasm: {
    accepts: (_, { geometry }) => isDepthwise3x3(geometry),
    run({ x, dy }, { geometry }, { backend }) {
      const out = backend.makeOutput([...geometry.taps, geometry.input[3], 1], "float32");
      const [from, slopes, to] = [x, dy, out].map((tensor) => offsetOf(backend, tensor));
      depthwiseFilterGradientOnHeap(backend, from!, slopes!, geometry, to!);
      return out;
    },
  },
  compose({ x, dy }, { geometry }) {
    const [kh, kw] = geometry.taps;
    const channels = geometry.input[3];
    const multiplier = geometry.output[3] / channels;
    const read = tapReader(x, geometry);
    const flatDy = dy.reshape<tf.Tensor3D>([-1, channels, multiplier]);
    const taps: tf.Tensor2D[] = [];
    for (let row = 0; row < kh; row++) {
      for (let column = 0; column < kw; column++) {
        const pixels = read(row, column).reshape<tf.Tensor3D>([-1, channels, 1]);
        taps.push(tf.sum(tf.mul(pixels, flatDy), 0));
      }
    }
    return tf.concat(taps, 0).reshape<tf.Tensor4D>([kh, kw, channels, multiplier]);
  },
});

/**
 * Gradient of a depthwise convolution towards its filter.
 *
 * @param x `[N,H,W,C]`, the convolution's input
 * @param dy `[N,h,w,C*multiplier]`, gradient of the output
 * @param geometry of the convolution
 * @returns `[kh,kw,C,multiplier]`
 */
export function depthwiseFilterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  geometry: ConvGeometry,
): tf.Tensor4D {
  return depthwiseFilterGradientOp.run({ x, dy }, { geometry });
}
