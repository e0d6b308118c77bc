import type { ConvGeometry } from "./geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { addColumns, columnElements, gatherColumns, type RowRange, rowRanges } from "./columns.ts";
import { gemm, withRight } from "../wasm/gemm.ts";
import { floatsAt, type Wasm, withScratch } from "../wasm/heap.ts";
import { rowsProgram } from "../wasm/rows_program.ts";
import { convolveByWinograd } from "./winograd/convolve.ts";
import { filterGradientByWinograd } from "./winograd/filter_gradient.ts";
import { winogradTiling } from "./winograd/pays.ts";

/**
 * Whether a convolution is a plain matrix product.
 *
 * @param geometry of the convolution
 * @returns true for a 1 x 1 filter with stride 1 and without padding
 */
export function isPointwise({ taps, stride, pad }: ConvGeometry): boolean {
  return [...taps, ...stride].every((size) => size === 1) && pad.flat().every((size) => size === 0);
}

/**
 * Whether {@linkcode convolveOnHeap} is faster than XNNPACK, as measured by bench/wasm_kernels.bench.ts: XNNPACK reads pixels in
 * place, whereas im2col copies every tap, which does not pay off for few filters, and short sums are bound by writing the output.
 *
 * @param geometry of the convolution
 * @returns whether it is
 */
export function beatsStock(geometry: ConvGeometry): boolean {
  const { taps, input, output } = geometry;
  if (winogradTiling(geometry)) return true;
  const channels = input[3], filters = output[3];
  if (taps[0] * taps[1] === 1) return channels >= 24;
  // A photograph's three channels are copied by rows of taps.
  return channels === 3 ? filters >= 32 : channels >= 8 && filters >= 64;
}

/**
 * A convolution as matrix products: columns (pixels by taps and channels) times the filter.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param filter byte offset of `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,h,w,D]`
 */
export function convolveOnHeap(
  wasm: Wasm,
  x: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const tiling = winogradTiling(geometry);
  if (tiling) {
    convolveByWinograd(wasm, x, filter, geometry, tiling, out);
    return;
  }
  const { output: [samples, oh, ow, filters] } = geometry;
  const right = { k: depth(geometry), n: filters, b: filter };
  withRight(wasm, right, (multiply) => {
    if (isPointwise(geometry)) {
      multiply(x, samples * oh * ow, out);
      return;
    }
    eachRange(wasm, geometry, (range, columns) => {
      gatherColumns(rowsProgram.on(wasm), x, geometry, range, columns);
      multiply(columns, range.rows * ow, out + pixel(geometry, range) * filters * FLOAT);
    });
  });
}

/**
 * Filter gradient of a convolution as matrix products: columns, transposed, times the output's gradient.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param dy byte offset of `[N,h,w,D]`
 * @param geometry of the convolution
 * @param out byte offset of `[kh,kw,C,D]`
 */
export function filterGradientOnHeap(
  wasm: Wasm,
  x: number,
  dy: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const tiling = winogradTiling(geometry);
  if (tiling) {
    filterGradientByWinograd(wasm, x, dy, geometry, tiling, out);
    return;
  }
  const { output: [samples, oh, ow, n] } = geometry;
  const m = depth(geometry);
  if (isPointwise(geometry)) {
    gemm(wasm, { m, k: samples * oh * ow, n, a: x, transposeA: true, b: dy, out });
    return;
  }
  floatsAt(wasm, out, m * n).fill(0);
  eachRange(wasm, geometry, (range, columns) => {
    gatherColumns(rowsProgram.on(wasm), x, geometry, range, columns);
    const b = dy + pixel(geometry, range) * n * FLOAT;
    gemm(wasm, {
      m,
      k: range.rows * ow,
      n,
      a: columns,
      transposeA: true,
      b,
      out,
      accumulate: true,
    });
  });
}

/**
 * Input gradient of a convolution as matrix products: the output's gradient times the filter gives each tap's contribution, and
 * overlapping contributions are added (col2im). Used for one tap, and for strides above 1, where three of four multiplications of a
 * convolution would be by zero.
 *
 * @param wasm the backend
 * @param dy byte offset of `[N,h,w,D]`
 * @param filter byte offset of `[kh,kw,C,D]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,H,W,C]`
 */
export function inputGradientOnHeap(
  wasm: Wasm,
  dy: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const { input, output: [samples, oh, ow, filters] } = geometry;
  const right = { k: filters, n: depth(geometry), b: filter, transposeB: true };
  withRight(wasm, right, (multiply) => {
    if (isPointwise(geometry)) {
      multiply(dy, samples * oh * ow, out);
      return;
    }
    floatsAt(wasm, out, input.reduce((product, size) => product * size)).fill(0);
    eachRange(wasm, geometry, (range, columns) => {
      multiply(dy + pixel(geometry, range) * filters * FLOAT, range.rows * ow, columns);
      addColumns(rowsProgram.on(wasm), columns, geometry, range, out);
    });
  });
}

/** Number of terms per output element: taps times input channels. */
function depth({ taps, input }: ConvGeometry): number {
  return taps[0] * taps[1] * input[3];
}

/** Number of output pixels before a range. */
function pixel({ output: [, oh, ow] }: ConvGeometry, { sample, row }: RowRange): number {
  return (sample * oh + row) * ow;
}

/** Iterates over the output's row ranges, with memory for the column matrix of one range. */
function eachRange(
  wasm: Wasm,
  geometry: ConvGeometry,
  visit: (range: RowRange, columns: number) => void,
): void {
  const ranges = rowRanges(geometry);
  withScratch(wasm, [columnElements(geometry, ranges)], (columns) => {
    for (const range of ranges) visit(range, columns);
  });
}
