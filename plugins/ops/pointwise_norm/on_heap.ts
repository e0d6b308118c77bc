import { ACTIVATION_RANGE, type ActivationName } from "../frozen_norm/on_heap.ts";
import { eachSlope, type Slopes } from "../frozen_norm/slopes_on_heap.ts";
import { normalizeProgram } from "../frozen_norm/wasm_program.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { gemm, termsAtOnce, withRight } from "../wasm/gemm.ts";
import type { Wasm } from "../wasm/heap.ts";
import { ROWS } from "../wasm/micro_kernel.ts";
import { withTables } from "../wasm/periodically.ts";

/** A 1 x 1 convolution at stride 1. */
export interface Pointwise {
  /** Of all samples. */
  readonly pixels: number;
  readonly channels: number;
  readonly filters: number;
}

/** Elements of a block of pixels on both sides: 256 KiB, which stay in an L2 cache until they are normalised. */
const BLOCK = 2 ** 16;

function pixelsAtOnce({ channels, filters }: Pointwise): number {
  return Math.max(1, Math.floor(BLOCK / (channels + filters) / ROWS)) * ROWS;
}

/**
 * A convolution, each block of whose result is normalised and activated while it is in the cache.
 *
 * @param wasm the backend
 * @param size of the convolution
 * @param x byte offset of `[pixels,channels]`
 * @param filter byte offset of `[channels,filters]`
 * @param scale of each filter's result
 * @param shift of each filter's result
 * @param activation that follows
 * @param out byte offset of `[pixels,filters]`
 */
export function pointwiseNormOnHeap(
  wasm: Wasm,
  size: Pointwise,
  x: number,
  filter: number,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
  activation: ActivationName,
  out: number,
): void {
  const { pixels, channels, filters } = size;
  const [low, high] = ACTIVATION_RANGE[activation];
  const program = normalizeProgram.on(wasm);
  const most = pixelsAtOnce(size);
  withRight(
    wasm,
    { k: channels, n: filters, b: filter },
    (multiply) =>
      withTables(wasm, [scale, shift], (period, factors, terms) => {
        for (let first = 0; first < pixels; first += most) {
          const count = Math.min(most, pixels - first), to = out + first * filters * FLOAT;
          multiply(x + first * channels * FLOAT, count, to);
          program.normalize(to, factors!, terms!, period, low, high, to, count * filters);
        }
      }),
  );
}

/**
 * Gradient of {@linkcode pointwiseNormOnHeap} towards its input.
 *
 * @param wasm the backend
 * @param size of the convolution
 * @param slopes gradient of the result
 * @param filter byte offset of `[channels,filters]`
 * @param out byte offset of `[pixels,channels]`
 */
export function pointwiseNormInputGradientOnHeap(
  wasm: Wasm,
  size: Pointwise,
  slopes: Slopes,
  filter: number,
  out: number,
): void {
  const { pixels, channels, filters } = size;
  withRight(wasm, { k: filters, n: channels, b: filter, transposeB: true }, (multiply) =>
    eachSlope(
      wasm,
      slopes,
      pixels,
      pixelsAtOnce(size),
      (at, first, count) => multiply(at, count, out + first * channels * FLOAT),
    ));
}

/**
 * Gradient of {@linkcode pointwiseNormOnHeap} towards its filter.
 *
 * @param wasm the backend
 * @param size of the convolution
 * @param slopes gradient of the result
 * @param x byte offset of `[pixels,channels]`
 * @param out byte offset of `[channels,filters]`
 */
export function pointwiseNormFilterGradientOnHeap(
  wasm: Wasm,
  size: Pointwise,
  slopes: Slopes,
  x: number,
  out: number,
): void {
  const { pixels, channels: m, filters: n } = size;
  eachSlope(wasm, slopes, pixels, termsAtOnce(pixels), (b, first, k) => {
    const a = x + first * m * FLOAT;
    gemm(wasm, { m, k, n, a, transposeA: true, b, out, accumulate: first > 0 });
  });
}
