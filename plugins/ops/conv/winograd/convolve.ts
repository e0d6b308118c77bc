import { FLOAT } from "../../wasm/code_builders.ts";
import { type Right, withRight } from "../../wasm/gemm.ts";
import { type Wasm, withScratch } from "../../wasm/heap.ts";
import { rowsProgram } from "../../wasm/rows_program.ts";
import type { ConvGeometry } from "../geometry.ts";
import { eachPart, eachRows, transformRows } from "./parts.ts";
import { ELEMENTS, winogradProgram } from "./program.ts";
import { copyInput, copyOutput, inputPlane, outputPlane } from "./tiles.ts";

/**
 * A 3 x 3 convolution at stride 1 with 4 multiplications per output pixel, channel and filter in place of 9 (Winograd's minimal
 * filtering): tiles of the input and the filter are transformed, multiplied element by element, which are 16 matrix products over the
 * channels, and transformed back. Where the convolution is dilated, its interleaved images are convolved apart. Rounding errors are
 * about twice those of a plain sum. An output pixel does not depend on the batch.
 *
 * @param wasm the backend
 * @param x byte offset of `[N,H,W,C]`
 * @param filter byte offset of `[3,3,C,D]`
 * @param geometry of the convolution
 * @param out byte offset of `[N,h,w,D]`
 */
export function convolveByWinograd(
  wasm: Wasm,
  x: number,
  filter: number,
  geometry: ConvGeometry,
  out: number,
): void {
  const k = geometry.input[3], n = geometry.output[3], weights = k * n;
  const transforms = winogradProgram.on(wasm), rows = rowsProgram.on(wasm);
  withScratch(wasm, [ELEMENTS * weights], (transformed) => {
    const tap = weights * FLOAT;
    transforms.spreadFilter(filter, 3 * tap, tap, 0, transformed, tap, weights, 1);
    const rights = Array.from({ length: ELEMENTS }, (_, i) => ({ k, n, b: transformed + i * tap }));
    withRights(
      wasm,
      rights,
      (multiply) =>
        eachPart(wasm, geometry, (tiles, { image, inputs, outputs }, part) => {
          eachRows(part, inputs, (row, at) => {
            copyInput(rows, x, geometry, row, image);
            transformRows(transforms.spreadInput, row, inputPlane(row), image, inputs, at);
          });
          multiply.forEach((by, i) =>
            by(inputs.at + i * inputs.step, tiles, outputs.at + i * outputs.step)
          );
          eachRows(part, outputs, (row, at) => {
            transformRows(transforms.gatherOutput, row, outputPlane(row), image, outputs, at);
            copyOutput(rows, image, geometry, row, out);
          });
        }),
    );
  });
}

/** Packs several right sides. */
function withRights(
  wasm: Wasm,
  [first, ...others]: readonly Right[],
  use: (multiply: readonly ((a: number, m: number, out: number) => void)[]) => void,
): void {
  if (first === undefined) use([]);
  else {
    withRight(
      wasm,
      first,
      (multiply) => withRights(wasm, others, (rest) => use([multiply, ...rest])),
    );
  }
}
