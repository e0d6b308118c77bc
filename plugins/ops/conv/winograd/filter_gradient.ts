import { FLOAT } from "../../wasm/code_builders.ts";
import { gemm } from "../../wasm/gemm.ts";
import { type Wasm, withScratch } from "../../wasm/heap.ts";
import { oddLines } from "../../wasm/odd_lines.ts";
import { rowsProgram } from "../../wasm/rows_program.ts";
import type { ConvGeometry } from "../geometry.ts";
import { eachPart, eachRows, transformRows } from "./parts.ts";
import type { Tiling } from "./program.ts";
import { copyInput, copySlopes, inputPlane, outputPlane } from "./tiles.ts";

/**
 * Filter gradient of a 3 x 3 convolution at stride 1, as `convolveByWinograd()` computes the convolution: the transpose of each of
 * its steps.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param dy byte offset of `[N,h,w,D]`
 * @param geometry of the convolution
 * @param tiling how its images are cut
 * @param out byte offset of `[3,3,C,D]`
 */
export function filterGradientByWinograd(
  wasm: Wasm,
  x: number,
  dy: number,
  geometry: ConvGeometry,
  tiling: Tiling,
  out: number,
): void {
  const m = geometry.input[3], n = geometry.output[3], weights = m * n, tap = weights * FLOAT;
  const { elements } = tiling, step = oddLines(tap);
  const transforms = tiling.program.on(wasm), rows = rowsProgram.on(wasm);
  withScratch(wasm, [elements * step / FLOAT], (transformed) => {
    let accumulate = false;
    eachPart(wasm, geometry, tiling, (tiles, { image, inputs, outputs }, part) => {
      eachRows(part, inputs, (row, at) => {
        copyInput(rows, x, geometry, row, image);
        transformRows(transforms.spreadInput, row, inputPlane(row), image, inputs, at);
      });
      eachRows(part, outputs, (row, at) => {
        copySlopes(rows, dy, geometry, row, image);
        transformRows(transforms.spreadSlopes, row, outputPlane(row), image, outputs, at);
      });
      for (let i = 0; i < elements; i++) {
        const a = inputs.at + i * inputs.step, b = outputs.at + i * outputs.step;
        const product = { m, k: tiles, n, a, transposeA: true, b };
        gemm(wasm, { ...product, out: transformed + i * step, accumulate });
      }
      accumulate = true;
    });
    transforms.gatherFilter(out, 3 * tap, tap, 0, transformed, step, weights, 1);
  });
}
