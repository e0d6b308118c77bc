import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "../conv/geometry.ts";
import type { ConvGradientAttributes } from "../conv/gradient_attributes.ts";
import { correlateGradient } from "../conv/input_gradient.ts";
import { depthwiseInputGradientWork } from "../conv/work.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { floats } from "../define/shapes.ts";
import { offsetOf } from "../wasm/heap.ts";
import { isDepthwise3x3, withDepthwiseInputGradient } from "./convolve_on_heap.ts";
import { runDepthwiseInputGradient } from "./input_gradient.wgsl.ts";

/** Gradient of a depthwise convolution towards its input. */
export const depthwiseInputGradientOp = defineOp({
  name: "DepthwiseInputGradient",
  summary: "gradient of a depthwise convolution towards its input",
  inputs: { dy: "[N,h,w,D]", filter: "[kh,kw,C,multiplier]" },
  attributes: attributesOf<ConvGradientAttributes>(),
  output: "[N,H,W,C]",
  shape: (_, { geometry }) => floats(...geometry.input),
  flops: depthwiseInputGradientWork,
  half: { reads: true, gives: (_, { half = false }) => half },
  webgpu: ({ dy, filter }, { geometry }, context) =>
    runDepthwiseInputGradient(
      context.backend,
      dy,
      filter,
      geometry,
      context.half(geometry.input),
    ),
  wasm: {
    accepts: (_, { geometry }) => isDepthwise3x3(geometry),
    run({ dy, filter }, { geometry }, { backend }) {
      const out = backend.makeOutput([...geometry.input], "float32");
      const [slopes, by, to] = [dy, filter, out].map((tensor) => offsetOf(backend, tensor));
      withDepthwiseInputGradient(backend, by!, geometry, (run) => run(slopes!, to!));
      return out;
    },
  },
  compose({ dy, filter }, { geometry }) {
    const [kh, kw, channels, multiplier] = filter.shape;
    const flipped = filter.reverse([0, 1]);
    const [n, oh, ow] = geometry.output;
    const parts: tf.Tensor4D[] = [];
    for (let m = 0; m < multiplier; m++) {
      // Output channel c * multiplier + m belongs to input channel c.
      const part = multiplier === 1 ? dy : tf.slice(
        dy.reshape<tf.Tensor3D>([n * oh * ow, channels, multiplier]),
        [0, 0, m],
        [n * oh * ow, channels, 1],
      ).reshape<tf.Tensor4D>([n, oh, ow, channels]);
      const own = multiplier === 1
        ? flipped
        : tf.slice(flipped, [0, 0, 0, m], [kh, kw, channels, 1]);
      parts.push(correlateGradient(
        part,
        geometry,
        (image, pad) => tf.depthwiseConv2d(image, own, 1, pad, "NHWC", [...geometry.dilation]),
      ));
    }
    return parts.length === 1 ? parts[0]! : tf.addN(parts);
  },
});

/**
 * Gradient of a depthwise convolution towards its input.
 *
 * @param dy `[N,h,w,C*multiplier]`, gradient of the output
 * @param filter `[kh,kw,C,multiplier]`
 * @param geometry of the convolution
 * @param half whether the input is stored in float16, and therefore its gradient too
 * @returns `[N,H,W,C]`
 */
export function depthwiseInputGradient(
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry,
  half = false,
): tf.Tensor4D {
  return depthwiseInputGradientOp.run({ dy, filter }, { geometry, half });
}
