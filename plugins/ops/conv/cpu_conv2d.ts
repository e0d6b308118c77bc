import type * as tf from "@tensorflow/tfjs";
import { tensor4d } from "@tensorflow/tfjs";
import { type ConvAttributes, type ConvGeometry, geometryOf } from "./geometry.ts";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs's convolution on cpu adds up in the float32 output, rounding after every product: through ResNet38 its error is that of
 * the GPU, where the backend that checks the others should be nearer the truth. One ReLU input that lands on the wrong side of 0
 * moves a gradient by a thousandth. Here the sums are float64 and rounded once. To see it: convolve 4,096 channels of 0.1 with a
 * filter of ones, and compare with 409.6.
 */
export function installCpuConv2d(): void {
  replaceKernel("Conv2D", "cpu", ({ inputs, attrs }) => {
    const { x, filter } = inputs as { x: tf.Tensor4D; filter: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes;
    const geometry = geometryOf(x.shape, filter.shape, attributes, false);
    const values = convolve(x.dataSync<"float32">(), filter.dataSync<"float32">(), geometry);
    return tensor4d(values, [...geometry.output]);
  });
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
