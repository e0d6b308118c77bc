import * as tf from "@tensorflow/tfjs";
import { fixKernel } from "../define/fix_kernel.ts";
import { attributesOf } from "../define/spec.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { offsetOf } from "../wasm/heap.ts";
import { rowsProgram } from "../wasm/rows_program.ts";
import { hasWords } from "./wasm_slices.ts";

/**
 * tfjs's GatherV2 and Reverse on wasm compute the indices of all axes anew for every element, 60 and 100 ns each. These kernels move
 * rows: the elements behind the axis, of all indices before it at once.
 */
export function installWasmMoves(): void {
  fixKernel({
    kernel: "GatherV2",
    backend: "wasm",
    inputs: { x: "[…]", indices: "[…]" },
    attributes: attributesOf<{ axis: number; batchDims: number }>(),
    run({ x, indices }, { axis: given, batchDims }, context) {
      const [axis] = tf.util.parseAxisParam(given, x.shape) as [number];
      const count = tf.util.sizeFromShape(indices.shape), size = x.shape[axis]!;
      const { outer, row } = around(x.shape, axis);
      if (batchDims !== 0 || indices.dtype !== "int32" || !hasWords(x) || count > outer * row) {
        return context.stock();
      }
      const wasm = context.backend, program = rowsProgram.on(wasm);
      const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
      const out = wasm.makeOutput(shape, x.dtype);
      const chosen = new Int32Array(wasm.wasm.HEAPU8.buffer, offsetOf(wasm, indices), count);
      const outside = chosen.find((index) => index < 0 || index >= size);
      if (outside !== undefined) {
        wasm.disposeData(out.dataId);
        // Says so.
        return context.stock();
      }
      const from = offsetOf(wasm, x), to = offsetOf(wasm, out), bytes = row * FLOAT;
      chosen.forEach((index, i) => {
        const at = to + i * bytes;
        program.copyRows(from + index * bytes, size * bytes, at, count * bytes, row, outer);
      });
      return out;
    },
  });
  fixKernel({
    kernel: "Reverse",
    backend: "wasm",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ dims: number | number[] }>(),
    run({ x }, { dims }, context) {
      const [axis, ...others] = tf.util.parseAxisParam(dims, x.shape);
      if (axis === undefined || others.length > 0 || !hasWords(x)) return context.stock();
      const wasm = context.backend, program = rowsProgram.on(wasm);
      const out = wasm.makeOutput(x.shape, x.dtype);
      const { outer, row } = around(x.shape, axis), size = x.shape[axis]!, bytes = row * FLOAT;
      const block = size * bytes, last = offsetOf(wasm, x) + block - bytes;
      const to = offsetOf(wasm, out);
      for (let i = 0; i < outer; i++) {
        program.copyRows(last + i * block, -bytes, to + i * block, bytes, row, size);
      }
      return out;
    },
  });
}

/** Elements behind an axis, and how often it is run through. */
function around(shape: readonly number[], axis: number) {
  return {
    outer: tf.util.sizeFromShape(shape.slice(0, axis)),
    row: tf.util.sizeFromShape(shape.slice(axis + 1)),
  };
}
