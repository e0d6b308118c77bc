import { FLOAT } from "../../wasm/code_builders.ts";
import { eachPacked, multiplyPacked, packedLength } from "../../wasm/gemm.ts";
import { gemmProgram, TILE } from "../../wasm/gemm_program.ts";
import { type Wasm, withScratch } from "../../wasm/heap.ts";
import { COLUMNS } from "../../wasm/micro_kernel.ts";
import { oddLines } from "../../wasm/odd_lines.ts";
import { rowsProgram } from "../../wasm/rows_program.ts";
import type { ConvGeometry } from "../geometry.ts";
import { eachPart, eachRows, transformRows } from "./parts.ts";
import type { Tiling } from "./program.ts";
import { copyInput, copyOutput, inputPlane, outputPlane } from "./tiles.ts";

/**
 * A 3 x 3 convolution at stride 1 with 4 or 2.25 multiplications per output pixel, channel and filter in place of 9 (Winograd's minimal
 * filtering): tiles of the input and the filter are transformed, multiplied element by element, which are 16 or 36 matrix products over
 * the channels, and transformed back. Where the convolution is dilated, its interleaved images are convolved apart. Rounding errors are
 * one to three times those of a plain sum. An output pixel does not depend on the batch.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param filter byte offset of `[3,3,C,D]`
 * @param geometry of the convolution
 * @param tiling how its images are cut
 * @param out byte offset of `[N,h,w,D]`
 */
export function convolveByWinograd(
  wasm: Wasm,
  x: number,
  filter: number,
  geometry: ConvGeometry,
  tiling: Tiling,
  out: number,
): void {
  const k = geometry.input[3], n = geometry.output[3], { elements } = tiling;
  const transforms = tiling.program.on(wasm), rows = rowsProgram.on(wasm);
  const program = gemmProgram.on(wasm), step = oddLines(packedLength(k, n) * FLOAT);
  withScratch(wasm, [elements * step / FLOAT, TILE], (panels, scratch) => {
    packFilter(wasm, tiling, filter, [k, n], panels, step);
    eachPart(wasm, geometry, tiling, (tiles, { image, inputs, outputs }, part) => {
      eachRows(part, inputs, (row, at) => {
        copyInput(rows, x, geometry, row, image);
        transformRows(transforms.spreadInput, row, inputPlane(row), image, inputs, at);
      });
      for (let i = 0; i < elements; i++) {
        const from = inputs.at + i * inputs.step, to = outputs.at + i * outputs.step;
        multiplyPacked(program, { k, n }, panels + i * step, from, tiles, to, scratch);
      }
      eachRows(part, outputs, (row, at) => {
        transformRows(transforms.gatherOutput, row, outputPlane(row), image, outputs, at);
        copyOutput(rows, image, geometry, row, out);
      });
    });
  });
}

/** Transforms a filter into packed right sides, one an element and `step` bytes apart, panel by panel. */
function packFilter(
  wasm: Wasm,
  { program }: Tiling,
  filter: number,
  [k, n]: readonly [number, number],
  panels: number,
  step: number,
): void {
  const { spreadFilter } = program.on(wasm), rows = rowsProgram.on(wasm);
  const width = Math.ceil(n / COLUMNS) * COLUMNS, tap = k * width * FLOAT;
  withScratch(wasm, [width === n ? 0 : 9 * k * width], (padded) => {
    if (width > n) {
      rows.clearRows(padded, 0, 9 * k * width, 1);
      rows.copyRows(filter, n * FLOAT, padded, width * FLOAT, n, 9 * k);
    }
    const whole = width > n ? padded : filter, row = width * FLOAT;
    eachPacked(k, n, (from, count, to) => {
      for (let column = 0; column < width; column += COLUMNS) {
        const taps = whole + from * row + column * FLOAT;
        const at = panels + to + column * count * FLOAT;
        spreadFilter(taps, 3 * tap, tap, row, at, step, COLUMNS, count);
      }
    });
  });
}
