/** Weights by which a resampler reads one axis of an image. */
export interface Coefficients {
  /** Weights that `weights` keeps for every output position. */
  readonly taps: number;
  /** First input position of each output position. */
  readonly start: Int32Array;
  /** Number of input positions of each output position, 1 .. `taps`. */
  readonly count: Int32Array;
  /** `[out, taps]`, fixed point with {@linkcode PRECISION} fractional bits. */
  readonly weights: Int32Array;
}

/** Fractional bits of the weights: 32 less 8 for the pixel and 2 for the filter's overshoot; Pillow's `PRECISION_BITS`. */
export const PRECISION = 32 - 8 - 2;

/** What sums of weighted pixels start at, so that dropping the fraction rounds. */
export const HALF = 1 << (PRECISION - 1);

/** Half the width of {@linkcode bicubic} in input pixels, when not reducing. */
const SUPPORT = 2;

/** Cubic convolution with a = -0.5 (Keys, 1981), Pillow's `bicubic_filter`. */
function bicubic(x: number): number {
  const a = -0.5;
  x = Math.abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/**
 * Computes the weights of Pillow's antialiased bicubic resampling along one axis: when reducing, the filter is stretched over the
 * input, so every input pixel counts (Pillow, `src/libImaging/Resample.c`, `precompute_coeffs` and `normalize_coeffs_8bpc`).
 *
 * @param input number of input positions, >= 1
 * @param output number of output positions, >= 1
 * @returns weights of every output position; each position's sum is 1 up to rounding
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { bicubicCoefficients, PRECISION } from "./pillow_coefficients.ts";
 * const { start, count, weights } = bicubicCoefficients(1, 1);
 * assertEquals([start[0], count[0], weights[0]], [0, 1, 1 << PRECISION]);
 * ```
 */
export function bicubicCoefficients(input: number, output: number): Coefficients {
  const scale = input / output;
  const stretch = Math.max(scale, 1);
  const support = SUPPORT * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(output);
  const count = new Int32Array(output);
  const weights = new Int32Array(output * taps);
  const exact = new Float64Array(taps);
  for (let at = 0; at < output; at++) {
    const center = (at + 0.5) * scale;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const last = Math.min(Math.trunc(center + support + 0.5), input);
    let sum = 0;
    for (let i = first; i < last; i++) {
      const weight = bicubic((i - center + 0.5) * (1 / stretch));
      exact[i - first] = weight;
      sum += weight;
    }
    for (let i = 0; i < last - first; i++) {
      const weight = (sum === 0 ? exact[i]! : exact[i]! / sum) * (1 << PRECISION);
      weights[at * taps + i] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    start[at] = first;
    count[at] = last - first;
  }
  return { taps, start, count, weights };
}
