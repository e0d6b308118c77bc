import * as tf from "@tensorflow/tfjs";
import { attributesOf } from "../define/spec.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import { offsetOf, type Wasm } from "../wasm/heap.ts";
import { rowsProgram } from "../wasm/rows_program.ts";
import { fixKernel } from "../define/fix_kernel.ts";

/**
 * tfjs's Slice on wasm first copies its whole input to a new array, and then, like Concat, copies row by row through typed-array
 * views: half a microsecond to cut one channel off a pixel. These kernels move rows within the wasm heap.
 */
export function installWasmSlices(): void {
  fixKernel({
    kernel: "Slice",
    backend: "wasm",
    inputs: { x: "[…]" },
    attributes: attributesOf<{ begin: number[]; size: number[] }>(),
    run({ x }, { begin, size }, context) {
      if (!hasWords(x)) return context.stock();
      const [from, shape] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
      const wasm = context.backend;
      const out = wasm.makeOutput(shape, x.dtype);
      sliceOnHeap(wasm, offsetOf(wasm, x), x.shape, from, shape, offsetOf(wasm, out));
      return out;
    },
  });
  fixKernel({
    kernel: "Concat",
    backend: "wasm",
    // A list: its names are 0, 1, …
    inputs: { "#": "[…]" },
    attributes: attributesOf<{ axis: number }>(),
    run(inputs, attributes, context) {
      const parts = Object.values(inputs);
      if (!parts.every(hasWords)) return context.stock();
      const shapes = parts.map(({ shape }) => shape);
      const [axis] = tf.util.parseAxisParam(attributes.axis, shapes[0]!) as [number];
      tf.backend_util.assertParamsConsistent(shapes, axis);
      const wasm = context.backend;
      const out = wasm.makeOutput(tf.backend_util.computeOutShape(shapes, axis), parts[0]!.dtype);
      const lengths = shapes.map((shape) => tf.util.sizeFromShape(shape.slice(axis)));
      const row = lengths.reduce((sum, length) => sum + length, 0);
      const rows = tf.util.sizeFromShape(shapes[0]!.slice(0, axis));
      const program = rowsProgram.on(wasm);
      let to = offsetOf(wasm, out);
      parts.forEach((part, i) => {
        const step = lengths[i]! * FLOAT;
        program.copyRows(offsetOf(wasm, part), step, to, row * FLOAT, lengths[i]!, rows);
        to += step;
      });
      return out;
    },
  });
}

/**
 * @param tensor any
 * @returns whether its elements take four bytes each
 */
export function hasWords({ dtype }: tf.TensorInfo): boolean {
  return dtype === "float32" || dtype === "int32";
}

/**
 * Copies a block out of an array. A row spans the last sliced axis and all axes after it; one call copies all rows along the axis
 * before.
 */
function sliceOnHeap(
  wasm: Wasm,
  x: number,
  shape: readonly number[],
  begin: readonly number[],
  size: readonly number[],
  out: number,
): void {
  if (size.includes(0)) return;
  const strides = shape.map((_, axis) => tf.util.sizeFromShape(shape.slice(axis + 1)) * FLOAT);
  const cut = Math.max(shape.findLastIndex((length, axis) => length !== size[axis]), 0);
  const bytes = size[cut]! * (strides[cut] ?? FLOAT);
  const rows = size[cut - 1] ?? 1, step = strides[cut - 1] ?? 0;
  const outer = size.slice(0, Math.max(cut - 1, 0));
  const first = begin.reduce((sum, index, axis) => sum + index * strides[axis]!, x);
  const program = rowsProgram.on(wasm);
  const blocks = tf.util.sizeFromShape(outer);
  for (let block = 0; block < blocks; block++) {
    let from = first, rest = block;
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      from += rest % outer[axis]! * strides[axis]!;
      rest = Math.floor(rest / outer[axis]!);
    }
    program.copyRows(from, step, out + block * rows * bytes, bytes, bytes / FLOAT, rows);
  }
}
