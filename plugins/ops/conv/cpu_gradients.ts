import * as tf from "@tensorflow/tfjs";
import type { ConvGeometry } from "./geometry.ts";
import {
  CONV_FILTER_GRADIENT,
  CONV_INPUT_GRADIENT,
  type ConvGradientAttributes,
} from "../own_kernels.ts";
import { replaceKernel } from "../registry.ts";

/**
 * Composed of tfjs's ops, the gradients of convolutions spend most of their time on cpu in Slice, which walks index by index.
 * These loops add up in float64, as the forward pass does. To see it: time a gradient with this left out.
 */
export function installCpuConvGradients(): void {
  replaceKernel(CONV_FILTER_GRADIENT, "cpu", ({ inputs, attrs }) => {
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    const channels = geometry.input[3], filters = geometry.output[3];
    const from = x.dataSync<"float32">(), slopes = dy.dataSync<"float32">();
    const sums = new Float64Array(geometry.taps[0] * geometry.taps[1] * channels * filters);
    eachTap(geometry, (source, out, tap) => {
      for (let c = 0, to = tap * channels * filters; c < channels; c++, to += filters) {
        const value = from[source + c]!;
        for (let d = 0; d < filters; d++) sums[to + d]! += value * slopes[out + d]!;
      }
    });
    return tf.tensor4d(Float32Array.from(sums), [...geometry.taps, channels, filters]);
  });
  replaceKernel(CONV_INPUT_GRADIENT, "cpu", ({ inputs, attrs }) => {
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const { geometry } = attrs as unknown as ConvGradientAttributes;
    const channels = geometry.input[3], filters = geometry.output[3];
    const slopes = dy.dataSync<"float32">(), weights = filter.dataSync<"float32">();
    const sums = new Float64Array(geometry.input.reduce((product, size) => product * size, 1));
    eachTap(geometry, (source, out, tap) => {
      for (let c = 0, at = tap * channels * filters; c < channels; c++, at += filters) {
        let sum = 0;
        for (let d = 0; d < filters; d++) sum += slopes[out + d]! * weights[at + d]!;
        sums[source + c]! += sum;
      }
    });
    return tf.tensor4d(Float32Array.from(sums), [...geometry.input]);
  });
}

/**
 * Visits every pair of pixels that a tap connects.
 *
 * @param geometry of the convolution
 * @param visit gets where the input pixel's and the output pixel's channels start, and the tap's number
 */
function eachTap(
  { input, output, taps, stride, dilation, pad }: ConvGeometry,
  visit: (source: number, out: number, tap: number) => void,
): void {
  const [samples, height, width, channels] = input;
  const [, outHeight, outWidth, outChannels] = output;
  for (let n = 0; n < samples; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        const out = ((n * outHeight + row) * outWidth + column) * outChannels;
        for (let tap = 0; tap < taps[0] * taps[1]; tap++) {
          const inY = row * stride[0] + Math.floor(tap / taps[1]) * dilation[0] - pad[0][0];
          const inX = column * stride[1] + tap % taps[1] * dilation[1] - pad[1][0];
          if (inY < 0 || inY >= height || inX < 0 || inX >= width) continue;
          visit(((n * height + inY) * width + inX) * channels, out, tap);
        }
      }
    }
  }
}
