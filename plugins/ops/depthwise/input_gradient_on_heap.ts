import { type ConvGeometry, reach } from "../conv/geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { type Wasm, withScratch } from "../wasm/heap.ts";
import { depthwiseProgram } from "./wasm_program.ts";
import { rowsProgram } from "../wasm/rows_program.ts";

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
 * Input gradient of a depthwise 3x3 convolution: the output's gradient, with `stride - 1` zeros between its pixels, correlated with
 * the flipped filter. It runs row by row on zero-padded copies of the rows, so that the inner loop needs no border handling.
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
  const { input: [samples, height, width, channels], output: [, oh, ow] } = geometry;
  const { stride: [sh, sw], dilation: [dh, dw], pad } = geometry;
  const top = reach(geometry, 0) - pad[0][0], left = reach(geometry, 1) - pad[1][0];
  const program = depthwiseProgram.on(wasm), rowsOf = rowsProgram.on(wasm);
  const pixel = channels * FLOAT;
  const wide = width + 2 * dw;
  // Keeps as many padded rows as one row of the result needs.
  const heldRows = 2 * dh + 1;
  const first = Math.max(Math.ceil(-left / sw), 0);
  const end = Math.max(Math.min(Math.floor((wide - 1 - left) / sw) + 1, ow), first);
  const scratch = [9 * channels, (heldRows + 1) * wide * channels];
  withScratch(wasm, scratch, (turned, rows) => {
    rowsOf.copyRows(filter + 8 * pixel, -pixel, turned, pixel, channels, 9);
    rowsOf.clearRows(rows, 0, (heldRows + 1) * wide * channels, 1);
    const zeros = rows + heldRows * wide * pixel;
    for (let n = 0; n < samples; n++) {
      const held = new Array<number>(heldRows).fill(-1);
      const rowAt = (at: number): number => {
        const y = at / sh;
        if (!Number.isInteger(y) || y < 0 || y >= oh) return zeros;
        const buffer = at % heldRows, to = rows + buffer * wide * pixel;
        if (held[buffer] !== at) {
          held[buffer] = at;
          const from = dy + ((n * oh + y) * ow + first) * pixel;
          const target = to + (first * sw + left) * pixel;
          rowsOf.copyRows(from, pixel, target, sw * pixel, channels, end - first);
        }
        return to;
      };
      for (let r = 0; r < height; r++) {
        program.convolve3x3(
          rowAt(r - top),
          rowAt(r - top + dh),
          rowAt(r - top + 2 * dh),
          pixel,
          dw * pixel,
          turned,
          out + (n * height + r) * width * pixel,
          width,
          channels,
        );
      }
    }
  });
}
