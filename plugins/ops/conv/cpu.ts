import type * as tf from "@tensorflow/tfjs";
import { floatsOf, tensorOf } from "../define/main_memory.ts";
import type { ConvGeometry } from "./geometry.ts";

/**
 * Convolves in float64 and rounds the result once.
 *
 * @param backend one that stores tensors in main memory
 * @param x `[N,H,W,C]`
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @returns `[N,h,w,D]`
 */
export function convolveOnCpu(
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: ConvGeometry,
): tf.TensorInfo {
  const values = convolve(floatsOf(backend, x), floatsOf(backend, filter), geometry);
  return tensorOf(values, geometry.output);
}

/**
 * @param x `[N,H,W,C]`
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @returns `[N,h,w,D]`
 */
function convolve(x: Float32Array, filter: Float32Array, geometry: ConvGeometry): Float32Array {
  const { stride, dilation, pad } = geometry;
  const [samples, height, width, channels] = geometry.input;
  const [, outHeight, outWidth, outChannels] = geometry.output;
  const [tapsY, tapsX] = geometry.taps;
  const y = new Float32Array(samples * outHeight * outWidth * outChannels);
  const sums = new Float64Array(outChannels);
  let out = 0;
  for (let n = 0; n < samples; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++, out += outChannels) {
        sums.fill(0);
        for (let tapY = 0; tapY < tapsY; tapY++) {
          const inY = row * stride[0] + tapY * dilation[0] - pad[0][0];
          if (inY < 0 || inY >= height) continue;
          for (let tapX = 0; tapX < tapsX; tapX++) {
            const inX = column * stride[1] + tapX * dilation[1] - pad[1][0];
            if (inX < 0 || inX >= width) continue;
            const source = ((n * height + inY) * width + inX) * channels;
            const weights = (tapY * tapsX + tapX) * channels * outChannels;
            for (let c = 0; c < channels; c++) {
              const value = x[source + c]!, from = weights + c * outChannels;
              for (let d = 0; d < outChannels; d++) sums[d]! += value * filter[from + d]!;
            }
          }
        }
        y.set(sums, out);
      }
    }
  }
  return y;
}

/**
 * Gradient of a convolution towards its filter. Composed of tfjs's ops, the gradients spend most of their time on cpu in Slice,
 * which copies element by element. These loops accumulate in float64, as the forward pass does. To see it: time a gradient without
 * this kernel.
 *
 * @param backend one that stores tensors in main memory
 * @param x `[N,H,W,C]`
 * @param dy `[N,h,w,D]`
 * @param geometry of the convolution
 * @returns `[kh,kw,C,D]`
 */
export function filterGradientOnCpu(
  backend: tf.KernelBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  geometry: ConvGeometry,
): tf.TensorInfo {
  const channels = geometry.input[3], filters = geometry.output[3];
  const from = floatsOf(backend, x), slopes = floatsOf(backend, dy);
  const sums = new Float64Array(geometry.taps[0] * geometry.taps[1] * channels * filters);
  eachTap(geometry, (source, out, tap) => {
    for (let c = 0, to = tap * channels * filters; c < channels; c++, to += filters) {
      const value = from[source + c]!;
      for (let d = 0; d < filters; d++) sums[to + d]! += value * slopes[out + d]!;
    }
  });
  return tensorOf(Float32Array.from(sums), [...geometry.taps, channels, filters]);
}

/**
 * Gradient of a convolution towards its input; see {@linkcode filterGradientOnCpu}.
 *
 * @param backend one that stores tensors in main memory
 * @param dy `[N,h,w,D]`
 * @param filter `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @returns `[N,H,W,C]`
 */
export function inputGradientOnCpu(
  backend: tf.KernelBackend,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  geometry: ConvGeometry,
): tf.TensorInfo {
  const channels = geometry.input[3], filters = geometry.output[3];
  const slopes = floatsOf(backend, dy), weights = floatsOf(backend, filter);
  const sums = new Float64Array(geometry.input.reduce((product, size) => product * size, 1));
  eachTap(geometry, (source, out, tap) => {
    for (let c = 0, at = tap * channels * filters; c < channels; c++, at += filters) {
      let sum = 0;
      for (let d = 0; d < filters; d++) sum += slopes[out + d]! * weights[at + d]!;
      sums[source + c]! += sum;
    }
  });
  return tensorOf(Float32Array.from(sums), geometry.input);
}

/**
 * Calls a function for every pair of input and output pixels that a tap connects.
 *
 * @param geometry of the convolution
 * @param visit gets the offsets of the input pixel's and the output pixel's channels, and the index of the tap
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
