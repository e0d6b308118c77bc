import type { ConvGeometry } from "../conv/geometry.ts";
import { normalizeProgram } from "../frozen_norm/wasm_program.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { type Wasm, withScratch } from "../wasm/heap.ts";
import { rowsProgram } from "../wasm/rows_program.ts";
import { forwardClasses, gradientClasses } from "./axis.ts";
import { eachRun, planRuns, type RunPlan } from "./runs.ts";
import { packTaps } from "./taps_on_heap.ts";
import { TAPS } from "./wasm_program.ts";

/** What is written in place of each sum: clamp(sum · scale + shift, low, high). */
export interface ChannelClamp {
  /** Byte offset of the channels' factors, repeated as `withTables` does. */
  readonly scale: number;
  /** Of what is added. */
  readonly shift: number;
  /** Bytes after which both repeat. */
  readonly period: number;
  readonly low: number;
  readonly high: number;
}

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
 * @param clamp what is written in place of the sums
 */
export function depthwiseConvolveOnHeap(
  wasm: Wasm,
  x: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
  clamp?: ChannelClamp,
): void {
  const plan = planRuns(wasm, geometry, forwardClasses, geometry.input, geometry.output);
  withTaps(wasm, filter, plan, (run) => run(x, out), clamp);
}

/**
 * Input gradient of a depthwise 3x3 convolution: a convolution of the output's gradient, with other taps for each remainder of an input
 * pixel's row and column by the stride.
 *
 * @param wasm the backend
 * @param filter byte offset of `[3,3,C,1]`
 * @param geometry of the convolution
 * @param use gets a function of byte offsets of the output's gradient `[N,h,w,C]` and of the input's `[N,H,W,C]`
 */
export function withDepthwiseInputGradient(
  wasm: Wasm,
  filter: number,
  geometry: ConvGeometry,
  use: (run: (dy: number, out: number) => void) => void,
): void {
  const plan = planRuns(wasm, geometry, gradientClasses, geometry.output, geometry.input);
  withTaps(wasm, filter, plan, use);
}

/** Packs the filter once, for any number of images. */
function withTaps(
  wasm: Wasm,
  filter: number,
  plan: RunPlan,
  use: (run: (image: number, out: number) => void) => void,
  clamp?: ChannelClamp,
): void {
  const channels = plan.from[3], pixel = channels * FLOAT;
  const rows = rowsProgram.on(wasm), normalization = normalizeProgram.on(wasm);
  withScratch(wasm, [TAPS * channels], (packed) => {
    packTaps(rows, filter, channels, packed);
    use((image, out) =>
      eachRun(plan, image, (program, a, b, c, to, pixels, spread) => {
        const at = out + to;
        if (clamp === undefined) {
          if (program) program.convolve(a, b, c, pixel, packed, at, pixels, channels);
          else rows.clearRows(at, spread * pixel, channels, pixels);
          return;
        }
        const { scale, shift, period, low, high } = clamp;
        if (program) {
          program.convolveAndClamp(
            ...[a, b, c, pixel, packed, at, pixels, channels] as const,
            ...[scale, shift, low, high] as const,
          );
          return;
        }
        // Forward, pixels of a run are neighbours.
        rows.clearRows(at, pixel, channels, pixels);
        normalization.normalize(at, scale, shift, period, low, high, at, pixels * channels);
      })
    );
  });
}
