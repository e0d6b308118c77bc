import type { ConvGeometry } from "./geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { columnsInside } from "../wasm/columns_inside.ts";
import type { RowsProgram } from "../wasm/rows_program.ts";

/** Output rows of one sample. */
export interface RowRange {
  readonly sample: number;
  readonly row: number;
  readonly rows: number;
}

/** Largest column matrix in elements (1 MiB), so that it is still cached when it is multiplied. */
const COLUMNS_AT_ONCE = 2 ** 18;

/**
 * Splits a convolution's output into row ranges whose column matrix fits the cache; each has at least one row.
 *
 * @param geometry of the convolution
 * @returns ranges in order, each of one sample
 */
export function rowRanges(geometry: ConvGeometry): RowRange[] {
  const { output: [samples, oh, ow], taps: [kh, kw], input: [, , , channels] } = geometry;
  const most = Math.max(1, Math.floor(COLUMNS_AT_ONCE / (kh * kw * channels * ow)));
  const ranges: RowRange[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for (let row = 0; row < oh; row += most) {
      ranges.push({ sample, row, rows: Math.min(most, oh - row) });
    }
  }
  return ranges;
}

/**
 * Elements of the largest column matrix of some ranges.
 *
 * @param geometry of the convolution
 * @param ranges of its output
 * @returns rows · w · kh · kw · C
 */
export function columnElements(geometry: ConvGeometry, ranges: readonly RowRange[]): number {
  const { output: [, , ow], taps: [kh, kw], input: [, , , channels] } = geometry;
  return Math.max(...ranges.map(({ rows }) => rows)) * ow * kh * kw * channels;
}

/**
 * Writes the input pixels under each tap of every output pixel ("im2col").
 *
 * @param program on the heap
 * @param x byte offset of `[N,H,W,C]`
 * @param geometry of the convolution
 * @param range output rows
 * @param columns byte offset of `[rows*w][kh*kw*C]`
 */
export function gatherColumns(
  program: RowsProgram,
  x: number,
  geometry: ConvGeometry,
  range: RowRange,
  columns: number,
): void {
  eachRun(geometry, range, columns, ({ image, step, to, toStep, floats, count }) => {
    if (image === undefined) program.clearRows(to, toStep, floats, count);
    else program.copyRows(x + image, step, to, toStep, floats, count);
  });
}

/**
 * Adds each tap's contribution to the input pixel that it was applied to ("col2im").
 *
 * @param program on the heap
 * @param columns byte offset of `[rows*w][kh*kw*C]`
 * @param geometry of the convolution
 * @param range output rows
 * @param dx byte offset of `[N,H,W,C]`
 */
export function addColumns(
  program: RowsProgram,
  columns: number,
  geometry: ConvGeometry,
  range: RowRange,
  dx: number,
): void {
  eachRun(geometry, range, columns, ({ image, step, to, toStep, floats, count }) => {
    if (image !== undefined) program.addRows(to, toStep, dx + image, step, floats, count);
  });
}

/** A run of neighbouring columns at one tap, or at neighbouring taps that are contiguous in the image. */
interface Run {
  /** Byte offset within the image of the first pixel; undefined where the tap lies in the padding. */
  readonly image: number | undefined;
  /** Bytes between the pixels that neighbouring columns read. */
  readonly step: number;
  /** Byte offset of the tap in the first column. */
  readonly to: number;
  readonly toStep: number;
  readonly floats: number;
  /** Number of columns. */
  readonly count: number;
}

function eachRun(
  geometry: ConvGeometry,
  { sample, row, rows }: RowRange,
  columns: number,
  visit: (run: Run) => void,
): void {
  const { input: [, height, width, channels], output: [, , ow], taps: [kh, kw] } = geometry;
  const { stride: [sh, sw], dilation: [dh, dw], pad: [[top], [left]] } = geometry;
  const pixel = channels * FLOAT, toStep = kh * kw * pixel, step = sw * pixel;
  const met = (from: number, to: number) => columnsInside(from * dw, to * dw, left, sw, width, ow);
  // Where a row of taps reads contiguous pixels, they are copied together.
  const [low, high] = dw === 1 ? met(0, kw - 1) : [0, 0];
  const edges = low < high ? [[0, low], [high, ow]] as const : [[0, ow]] as const;
  for (let r = row; r < row + rows; r++) {
    for (let i = 0; i < kh; i++) {
      const y = r * sh + i * dh - top;
      const image = (sample * height + y) * width - left;
      const to = columns + (r - row) * ow * toStep + i * kw * pixel;
      const run = (tap: number, taps: number, from: number, end: number, meets: boolean) => {
        if (from === end) return;
        visit({
          image: meets ? (image + from * sw + tap * dw) * pixel : undefined,
          step,
          to: to + from * toStep + tap * pixel,
          toStep,
          floats: taps * channels,
          count: end - from,
        });
      };
      if (y < 0 || y >= height) {
        run(0, kw, 0, ow, false);
        continue;
      }
      if (low < high) run(0, kw, low, high, true);
      for (const [from, end] of edges) {
        for (let j = 0; from < end && j < kw; j++) {
          const [first, last] = met(j, j).map((column) => Math.min(Math.max(column, from), end));
          run(j, 1, from, first!, false);
          run(j, 1, first!, last!, true);
          run(j, 1, last!, end, false);
        }
      }
    }
  }
}
