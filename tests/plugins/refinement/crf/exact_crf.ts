import type { Scores } from "../../../../core/contracts/refinement.ts";
import type { Raster } from "../../../../core/data/sample.ts";
import type { DenseCrfOptions } from "../../../../plugins/refinement/crf/options.ts";
import { denseKernel } from "../../ops/gaussian_filter/brute_force.ts";

/**
 * Mean field with the Gaussian kernels themselves, every pixel with every other, in float64: what the permutohedral lattice
 * approximates.
 */
export function exactCrf(scores: Scores, image: Raster, options: DenseCrfOptions): Float64Array {
  const { channels, data } = scores, pixels = scores.width * scores.height;
  const { gaussian, bilateral } = options;
  const position = (i: number, sxy: number) => [
    (i % scores.width) / sxy,
    Math.floor(i / scores.width) / sxy,
  ];
  const colour = (i: number) => [0, 1, 2].map((c) => image.data[3 * i + c]! / bilateral.srgb);
  const kernels = [
    kernelMatrix(pixels, (i) => position(i, gaussian.sxy)).map((k) => k * gaussian.compat),
    kernelMatrix(pixels, (i) => [...position(i, bilateral.sxy), ...colour(i)])
      .map((k) => k * bilateral.compat),
  ];
  const unary = Float64Array.from(data, (p) => Math.log(Math.max(p, 1e-5)));
  let q = softmax(unary, channels);
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    const logits = unary.slice();
    for (const k of kernels) {
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < pixels; i++) {
          let message = 0;
          for (let j = 0; j < pixels; j++) message += k[i * pixels + j]! * q[c * pixels + j]!;
          logits[c * pixels + i]! += message;
        }
      }
    }
    q = softmax(logits, channels);
  }
  return q;
}

/** exp(-|f_i - f_j|^2 / 2), symmetrically normalised. */
function kernelMatrix(pixels: number, feature: (i: number) => number[]): Float64Array {
  const features = Array.from({ length: pixels }, (_, i) => feature(i));
  const kernel = denseKernel(features.flat(), features[0]!.length);
  const norm = kernel.map((row) => 1 / Math.sqrt(row.reduce((a, b) => a + b)));
  return Float64Array.from(
    { length: pixels * pixels },
    (_, at) => {
      const i = Math.floor(at / pixels), j = at % pixels;
      return kernel[i]![j]! * norm[i]! * norm[j]!;
    },
  );
}

function softmax(logits: Float64Array, channels: number): Float64Array {
  const pixels = logits.length / channels, q = new Float64Array(logits.length);
  for (let i = 0; i < pixels; i++) {
    const own = Array.from({ length: channels }, (_, c) => logits[c * pixels + i]!);
    const most = Math.max(...own), powers = own.map((x) => Math.exp(x - most));
    const sum = powers.reduce((a, b) => a + b);
    powers.forEach((power, c) => q[c * pixels + i] = power / sum);
  }
  return q;
}
