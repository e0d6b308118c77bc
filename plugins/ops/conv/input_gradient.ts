import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { offsetOf } from "../wasm/heap.ts";
import { withWeights } from "../webgpu/half.wgsl.ts";
import { inputGradientOnCpu } from "./cpu.ts";
import { flipFilter } from "./flip_filter.ts";
import { type ConvGeometry, reach } from "./geometry.ts";
import type { ConvGradientAttributes } from "./gradient_attributes.ts";
import { runConvInputGradient } from "./input_gradient.wgsl.ts";
import { inputGradientOnHeap, isPointwise } from "./on_heap.ts";
import { crop, stuffZeros } from "./spatial.ts";
import { inputGradientWork } from "./work.ts";

/**
 * Gradient of a convolution towards its input; tfjs's does not support dilation, and multiplies by zeros where the stride is 2.
 */
export const convInputGradientOp = defineOp({
  name: "ConvInputGradient",
  summary: "gradient of a convolution towards its input",
  inputs: { dy: "[N,h,w,D]", filter: "[kh,kw,C,D]" },
  attributes: attributesOf<ConvGradientAttributes>(),
  output: "[N,H,W,C]",
  shape: (_, { geometry }) => floats(...geometry.input),
  flops: inputGradientWork,
  half: { reads: true, gives: (_, { half = false }) => half },
  webgpu({ dy, filter }, { geometry }, context) {
    const { backend } = context, half = context.half(geometry.input);
    return withWeights(
      backend,
      filter,
      half,
      (weights) => runConvInputGradient(backend, dy, weights, geometry, { half }),
    );
  },
  wasm: {
    // At stride 1 it is a convolution, which is as fast.
    accepts: (_, { geometry }) =>
      isPointwise(geometry) || geometry.stride[0] > 1 || geometry.stride[1] > 1,
    run({ dy, filter }, { geometry }, { backend }) {
      const out = backend.makeOutput([...geometry.input], "float32");
      const [slopes, by, to] = [dy, filter, out].map((tensor) => offsetOf(backend, tensor));
      inputGradientOnHeap(backend, slopes!, by!, geometry, to!);
      return out;
    },
  },
  cpu: ({ dy, filter }, { geometry }, { backend }) =>
    inputGradientOnCpu(backend, dy, filter, geometry),
  compose({ dy, filter }, { geometry }) {
    const flipped = flipFilter(filter);
    return correlateGradient(
      dy,
      geometry,
      (image, pad) => tf.conv2d(image, flipped, 1, pad, "NHWC", [...geometry.dilation]),
    );
  },
});

/**
 * Gradient of a 2-d convolution towards its input.
 *
 * @param dy `[N,h,w,D]`, gradient of the output
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @param half whether the input is stored in float16, and therefore its gradient too
 * @returns `[N,H,W,C]`
 */
export function convInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  half = false,
): tf.Tensor4D {
  return convInputGradientOp.run({ dy, filter }, { geometry, half });
}

/** Explicit zeros as tfjs takes them, NHWC. */
export type ExplicitPad = [[0, 0], [number, number], [number, number], [0, 0]];

/**
 * The input gradient of a strided convolution is a convolution of stride 1: of the output's gradient, with zeros between its
 * pixels, with the flipped filter. This prepares the image and the padding.
 *
 * @param dy `[N,h,w,D]`
 * @param geometry of the forward convolution
 * @param convolve runs the convolution with the flipped filter
 * @returns `[N,H,W,C]`
 */
export function correlateGradient(
  dy: tf.Tensor4D,
  geometry: ConvGeometry,
  convolve: (image: tf.Tensor4D, pad: ExplicitPad) => tf.Tensor4D,
): tf.Tensor4D {
  const image = stuffZeros(dy, geometry.stride);
  const before = [0, 1].map((axis) => reach(geometry, axis as 0 | 1) - geometry.pad[axis]![0]);
  const after = [0, 1].map((axis) =>
    geometry.input[axis + 1]! - image.shape[axis + 1]! + geometry.pad[axis]![0]
  );
  // A side that would need negative padding is computed without padding and then cropped.
  const pad = (axis: 0 | 1): [number, number] => [
    Math.max(before[axis]!, 0),
    Math.max(after[axis]!, 0),
  ];
  const whole = convolve(image, [[0, 0], pad(0), pad(1), [0, 0]]);
  const [n, height, width] = geometry.input;
  const top = Math.max(-before[0]!, 0), left = Math.max(-before[1]!, 0);
  return crop(whole, [top, left], [n, height, width, whole.shape[3]]);
}
