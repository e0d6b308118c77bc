import { FLOAT } from "../../wasm/code_builders.ts";
import { gemm } from "../../wasm/gemm.ts";
import { type Wasm, withScratch } from "../../wasm/heap.ts";
import { rowsProgram } from "../../wasm/rows_program.ts";
import type { ConvGeometry } from "../geometry.ts";
import { eachPart, eachRows, eachTileRow } from "./parts.ts";
import { ELEMENTS, winogradProgram } from "./program.ts";
import { copyInput, copySlopes, inputPlane, outputPlane } from "./tiles.ts";

/**
 * Filter gradient of a 3 x 3 convolution at stride 1, as `convolveByWinograd()` computes the convolution: the transpose of each of
 * its steps.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param dy byte offset of `[N,h,w,D]`
 * @param geometry of the convolution
 * @param out byte offset of `[3,3,C,D]`
 */
export function filterGradientByWinograd(
  wasm: Wasm,
  x: number,
  dy: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const m = geometry.input[3], n = geometry.output[3], weights = m * n, tap = weights * FLOAT;
  const transforms = winogradProgram.on(wasm), rows = rowsProgram.on(wasm);
  withScratch(wasm, [ELEMENTS * weights], (transformed) => {
    let accumulate = false;
    eachPart(wasm, geometry, (tiles, { images, inputs, outputs }, part) => {
      const [inputStep, outputStep] = [tiles * m * FLOAT, tiles * n * FLOAT];
      eachRows(part, m, inputs, (row, at, [, columns]) => {
        copyInput(rows, x, geometry, row, images);
        eachTileRow(
          row,
          columns,
          m,
          images,
          at,
          (image, matrices) =>
            transforms.spreadInput(...image, matrices, inputStep, m, row.columns),
        );
      }, inputPlane);
      eachRows(part, n, outputs, (row, at, [, columns]) => {
        copySlopes(rows, dy, geometry, row, images);
        eachTileRow(
          row,
          columns,
          n,
          images,
          at,
          (image, matrices) =>
            transforms.spreadSlopes(...image, matrices, outputStep, n, row.columns),
        );
      }, outputPlane);
      for (let i = 0; i < ELEMENTS; i++) {
        const a = inputs + i * inputStep, b = outputs + i * outputStep;
        const product = { m, k: tiles, n, a, transposeA: true, b };
        gemm(wasm, { ...product, out: transformed + i * tap, accumulate });
      }
      accumulate = true;
    });
    transforms.gatherFilter(out, 3 * tap, tap, 0, transformed, tap, weights, 1);
  });
}
