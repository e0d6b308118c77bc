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
  eachRun(geometry, range, columns, (image, step, to, toStep, floats, count) => {
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
  eachRun(geometry, range, columns, (image, step, to, toStep, floats, count) => {
    if (image !== undefined) program.addRows(to, toStep, dx + image, step, floats, count);
  });
}

/**
 * A run of neighbouring columns at one tap, or at neighbouring taps that are contiguous in the image: byte offset within the image of the
 * first pixel, undefined where the tap lies in the padding; bytes between the pixels that neighbouring columns read; byte offset of the
 * tap in the first column, bytes between columns; floats of the taps; number of columns. No object: there are thousands in a step.
 */
type VisitRun = (
  image: number | undefined,
  step: number,
  to: number,
  toStep: number,
  floats: number,
  count: number,
) => void;

/** Neighbouring columns of a row, and neighbouring taps that all read inside of the image, or all outside. */
interface Segment {
  readonly tap: number;
  readonly taps: number;
  readonly from: number;
  readonly end: number;
  readonly meets: boolean;
}

/** Splits a row of the output. */
function segmentsOf({ input, output, taps, stride, dilation, pad }: ConvGeometry): Segment[] {
  const [, , width] = input, [, , ow] = output, [, kw] = taps;
  const [, sw] = stride, [, dw] = dilation, [, [left]] = pad;
  const met = (from: number, to: number) => columnsInside(from * dw, to * dw, left, sw, width, ow);
  // Where a row of taps reads contiguous pixels, they are copied together.
  const [low, high] = dw === 1 ? met(0, kw - 1) : [0, 0];
  const edges = low < high ? [[0, low], [high, ow]] as const : [[0, ow]] as const;
  const single = edges.flatMap(([from, end]) =>
    Array.from({ length: from < end ? kw : 0 }, (_, tap): Segment[] => {
      const [first, last] = met(tap, tap)
        .map((column) => Math.min(Math.max(column, from), end)) as [number, number];
      return [
        { tap, taps: 1, from, end: first, meets: false },
        { tap, taps: 1, from: first, end: last, meets: true },
        { tap, taps: 1, from: last, end, meets: false },
      ];
    }).flat()
  );
  return [{ tap: 0, taps: kw, from: low, end: high, meets: true }, ...single]
    .filter(({ from, end }) => from < end);
}

function eachRun(
  geometry: ConvGeometry,
  { sample, row, rows }: RowRange,
  columns: number,
  visit: VisitRun,
): void {
  const { input: [, height, width, channels], output: [, , ow], taps: [kh, kw] } = geometry;
  const { stride: [sh, sw], dilation: [dh, dw], pad: [[top], [left]] } = geometry;
  const pixel = channels * FLOAT, toStep = kh * kw * pixel, step = sw * pixel;
  const segments = segmentsOf(geometry);
  for (let r = row; r < row + rows; r++) {
    for (let i = 0; i < kh; i++) {
      const y = r * sh + i * dh - top;
      const image = (sample * height + y) * width - left;
      const to = columns + (r - row) * ow * toStep + i * kw * pixel;
      if (y < 0 || y >= height) {
        visit(undefined, step, to, toStep, kw * channels, ow);
        continue;
      }
      for (const { tap, taps, from, end, meets } of segments) {
        visit(
          meets ? (image + from * sw + tap * dw) * pixel : undefined,
          step,
          to + from * toStep + tap * pixel,
          toStep,
          taps * channels,
          end - from,
        );
      }
    }
  }
}
