import type * as tf from "@tensorflow/tfjs";
import { INTERPOLATE, type InterpolateAttributes } from "../own_kernels.ts";
import { FLOAT } from "../wasm/building.ts";
import { offsetOf, type Wasm, withScratch } from "../wasm/heap.ts";
import { programOf } from "../wasm/program.ts";
import { replaceKernel } from "../registry.ts";

/**
 * As a matrix product, an interpolation multiplies by zeros all but twice a row. This leaves them out.
 */
export function installWasmInterpolate(): void {
  replaceKernel(INTERPOLATE, "wasm", ({ inputs, attrs, backend }) => {
    const { x } = inputs as { x: tf.Tensor3D };
    const { weights, size } = attrs as unknown as InterpolateAttributes;
    const [outer, from, floats] = x.shape;
    const wasm = backend as unknown as Wasm;
    const out = wasm.makeOutput([outer, size, floats], "float32");
    const table = sparseTable(weights, size, from, floats * FLOAT);
    withScratch(wasm, [table.byteLength / FLOAT], (at) => {
      wasm.wasm.HEAPU8.set(new Uint8Array(table), at);
      const source = offsetOf(wasm, x), target = offsetOf(wasm, out);
      const step = from * floats * FLOAT;
      programOf(wasm).combineRows(source, step, at, size, target, floats, outer);
    });
    return out;
  });
}

/** For each row the number of its entries, then each one's byte offset in x and weight. */
function sparseTable(
  weights: Float32Array,
  rows: number,
  columns: number,
  step: number,
): ArrayBuffer {
  const entries = weights.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
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
