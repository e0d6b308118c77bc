import type { ConvGeometry } from "../conv/geometry.ts";
import {
  depthwiseConvolveOnHeap,
  withDepthwiseInputGradient,
} from "../depthwise/convolve_on_heap.ts";
import { sumTaps } from "../depthwise/filter_gradient_on_heap.ts";
import { ACTIVATION_RANGE, type ActivationName } from "../frozen_norm/on_heap.ts";
import { eachSlope, type Slopes } from "../frozen_norm/slopes_on_heap.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import type { Wasm } from "../wasm/heap.ts";
import { withTables } from "../wasm/periodically.ts";

/**
 * A depthwise 3x3 convolution, whose sums are normalised and activated before they are written.
 *
 * @param wasm the backend
 * @param geometry of the convolution
 * @param x byte offset of `[N,H,W,C]`
 * @param filter byte offset of `[3,3,C,1]`
 * @param scale `[C]`
 * @param shift `[C]`
 * @param activation that follows
 * @param out byte offset of `[N,h,w,C]`
 */
export function depthwiseNormOnHeap(
  wasm: Wasm,
  geometry: ConvGeometry,
  x: number,
  filter: number,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
  activation: ActivationName,
  out: number,
): void {
  const [low, high] = ACTIVATION_RANGE[activation];
  withTables(wasm, [scale, shift], (period, factors, terms) => {
    const clamp = { scale: factors!, shift: terms!, period, low, high };
    depthwiseConvolveOnHeap(wasm, x, filter, geometry, out, clamp);
  });
}

/** One sample of a batch, and bytes of its input. */
function sampleOf(geometry: ConvGeometry) {
  const { input: [, height, width, channels], output: [, h, w] } = geometry;
  return {
    one: {
      ...geometry,
      input: [1, height, width, channels] as const,
      output: [1, h, w, channels] as const,
    },
    bytes: height * width * channels * FLOAT,
    pixels: h * w,
  };
}

/**
 * Gradient of {@linkcode depthwiseNormOnHeap} towards its input, sample by sample.
 *
 * @param wasm the backend
 * @param geometry of the convolution
 * @param slopes gradient of the result
 * @param filter byte offset of `[3,3,C,1]`
 * @param out byte offset of `[N,H,W,C]`
 */
export function depthwiseNormInputGradientOnHeap(
  wasm: Wasm,
  geometry: ConvGeometry,
  slopes: Slopes,
  filter: number,
  out: number,
): void {
  const { one, bytes, pixels } = sampleOf(geometry), all = geometry.input[0] * pixels;
  withDepthwiseInputGradient(wasm, filter, one, (run) =>
    eachSlope(
      wasm,
      slopes,
      all,
      pixels,
      (at, first) => run(at, out + first / pixels * bytes),
    ));
}

/**
 * Gradient of {@linkcode depthwiseNormOnHeap} towards its filter, sample by sample.
 *
 * @param wasm the backend
 * @param geometry of the convolution
 * @param slopes gradient of the result
 * @param x byte offset of `[N,H,W,C]`
 * @param out byte offset of `[3,3,C,1]`
 */
export function depthwiseNormFilterGradientOnHeap(
  wasm: Wasm,
  geometry: ConvGeometry,
  slopes: Slopes,
  x: number,
  out: number,
): void {
  const { one, bytes, pixels } = sampleOf(geometry), all = geometry.input[0] * pixels;
  sumTaps(
    wasm,
    one,
    out,
    (add) =>
      eachSlope(wasm, slopes, all, pixels, (at, first) => add(x + first / pixels * bytes, at)),
  );
}
