import * as tf from "@tensorflow/tfjs";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { offsetOf, withScratch } from "../wasm/heap.ts";
import { combineProgram } from "./combine_program.ts";

/** A sparse matrix times each `[from,M]`; as a dense matrix product, all but two factors per row would be zeros. */
export const interpolateRowsOp = defineOp({
  name: "Interpolate",
  summary: "a sparse matrix times the rows of matrices",
  inputs: { x: "[K,from,M]" },
  attributes: attributesOf<{
    /** `[size][from]`, mostly 0. */
    readonly weights: Float32Array;
    readonly size: number;
  }>(),
  output: "[K,size,M]",
  shape: ({ x: { shape, dtype } }, { size }) => ({ shape: [shape[0], size, shape[2]], dtype }),
  wasm({ x }, { weights, size }, { backend }) {
    const [outer, from, floats] = x.shape;
    const out = backend.makeOutput([outer, size, floats], "float32");
    const table = sparseTable(weights, size, from, floats * FLOAT);
    withScratch(backend, [table.byteLength / FLOAT], (at) => {
      backend.wasm.HEAPU8.set(new Uint8Array(table), at);
      const source = offsetOf(backend, x), target = offsetOf(backend, out);
      const step = from * floats * FLOAT;
      combineProgram.on(backend).combineRows(source, step, at, size, target, floats, outer);
    });
    return out;
  },
  compose: ({ x }, { weights, size }) => tf.matMul(tf.tensor3d(weights, [1, size, x.shape[1]]), x),
});

/** Builds the table of non-zero entries: for each row their number, then each entry's byte offset in x and its weight. */
function sparseTable(
  weights: Float32Array,
  rows: number,
  columns: number,
  step: number,
): ArrayBuffer {
  let entries = 0;
  // By index: a callback takes several times as long.
  for (let i = 0; i < weights.length; i++) if (weights[i] !== 0) entries++;
  const buffer = new ArrayBuffer((rows + 2 * entries) * FLOAT);
  const integers = new Int32Array(buffer), floats = new Float32Array(buffer);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const head = at++;
    for (let column = 0; column < columns; column++) {
      const weight = weights[row * columns + column]!;
      if (weight === 0) continue;
      integers[at++] = column * step;
      floats[at++] = weight;
      integers[head]!++;
    }
  }
  return buffer;
}
