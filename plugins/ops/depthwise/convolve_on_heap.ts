import type { ConvGeometry } from "../conv/geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { type Wasm, withScratch } from "../wasm/heap.ts";
import { rowsProgram } from "../wasm/rows_program.ts";
import { forwardClasses, gradientClasses } from "./axis.ts";
import { classesOf, eachRun, type RunPlan } from "./runs.ts";
import { packTaps } from "./taps_on_heap.ts";
import { TAPS } from "./wasm_program.ts";

/**
 * Whether the 3x3 kernels support a depthwise convolution.
 *
 * @param geometry of the convolution
 * @returns whether it has 3x3 taps and one filter per channel
 */
export function isDepthwise3x3({ taps, input, output }: ConvGeometry): boolean {
  return taps[0] === 3 && taps[1] === 3 && input[3] === output[3];
}

/**
 * Depthwise 3x3 convolution. Several output pixels are summed at a time, so that each pixel of the input is loaded once per row of taps.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param filter byte offset of `[3,3,C,1]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,h,w,C]`
 * @param rowDone told the byte offset of each row of the output that is finished
 */
export function depthwiseConvolveOnHeap(
  wasm: Wasm,
  x: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
  rowDone?: (row: number) => void,
): void {
  const [rows, columns] = classesOf(geometry, forwardClasses);
  const plan = { from: geometry.input, to: geometry.output, rows, columns };
  convolve(wasm, x, filter, plan, out, rowDone && ((to) => rowDone(out + to)));
}

/**
 * Input gradient of a depthwise 3x3 convolution: a convolution of the output's gradient, with other taps for each remainder of an input
 * pixel's row and column by the stride.
 *
 * @param wasm the backend
 * @param dy byte offset of `[N,h,w,C]`
 * @param filter byte offset of `[3,3,C,1]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,H,W,C]`
 */
export function depthwiseInputGradientOnHeap(
  wasm: Wasm,
  dy: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const [rows, columns] = classesOf(geometry, gradientClasses);
  convolve(wasm, dy, filter, { from: geometry.output, to: geometry.input, rows, columns }, out);
}

function convolve(
  wasm: Wasm,
  image: number,
  filter: number,
  plan: RunPlan,
  out: number,
  rowDone?: (to: number) => void,
): void {
  const channels = plan.from[3], pixel = channels * FLOAT, rows = rowsProgram.on(wasm);
  withScratch(wasm, [TAPS * channels], (packed) => {
    packTaps(rows, filter, channels, packed);
    eachRun(wasm, image, plan, ({ rows: [a, b, c], to, pixels, spread, program }) => {
      if (program) program.convolve(a, b, c, pixel, packed, out + to, pixels, channels);
      else rows.clearRows(out + to, spread * pixel, channels, pixels);
    }, rowDone);
  });
}
