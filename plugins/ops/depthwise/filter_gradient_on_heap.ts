import type { ConvGeometry } from "../conv/geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { type Wasm, withScratch } from "../wasm/heap.ts";
import { rowsProgram } from "../wasm/rows_program.ts";
import { forwardClasses } from "./axis.ts";
import { eachRun, planRuns } from "./runs.ts";
import { unpackTaps } from "./taps_on_heap.ts";
import { TAPS } from "./wasm_program.ts";

/**
 * Filter gradient of a depthwise 3x3 convolution: for each run of the output's gradient, all taps' sums at a time.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param dy byte offset of `[N,h,w,C]`
 * @param geometry of the convolution, with 3x3 taps and one filter per channel
 * @param out byte offset of `[3,3,C,1]`
 */
export function depthwiseFilterGradientOnHeap(
  wasm: Wasm,
  x: number,
  dy: number,
  geometry: ConvGeometry,
  out: number,
): void {
  sumTaps(wasm, geometry, out, (add) => add(x, dy));
}

/**
 * Adds up the filter gradients of parts of a batch.
 *
 * @param wasm the backend
 * @param geometry of the convolution of a part
 * @param out byte offset of `[3,3,C,1]`
 * @param use gets a function of byte offsets of a part's images and of their output's gradient
 */
export function sumTaps(
  wasm: Wasm,
  geometry: ConvGeometry,
  out: number,
  use: (add: (x: number, dy: number) => void) => void,
): void {
  const channels = geometry.input[3], pixel = channels * FLOAT, rows = rowsProgram.on(wasm);
  const plan = planRuns(wasm, geometry, forwardClasses, geometry.input, geometry.output);
  withScratch(wasm, [TAPS * channels], (sums) => {
    rows.clearRows(sums, 0, TAPS * channels, 1);
    use((x, dy) =>
      eachRun(plan, x, (program, a, b, c, to, pixels) => {
        program?.correlate(a, b, c, pixel, sums, dy + to, pixels, channels);
      })
    );
    unpackTaps(rows, sums, channels, out);
  });
}
