import { FLOAT, LANES } from "../wasm/code_builders.ts";
import { floatsAt, type Wasm, withScratch } from "../wasm/heap.ts";
import { rowsProgram } from "../wasm/rows_program.ts";
import type { ReducedAxes } from "./reduced_axes.ts";

/** The functions that implement a reduction, in WebAssembly and in JavaScript. */
export interface Reducer {
  readonly rows: "addRows" | "maxRows";
  readonly start: number;
  /** Combines two values in float64. */
  combine(a: number, b: number): number;
}

/** Sum. */
export const SUM: Reducer = { rows: "addRows", start: 0, combine: (a, b) => a + b };
/** Maximum. */
export const MAX: Reducer = { rows: "maxRows", start: -Infinity, combine: Math.max };

/** Least number of floats that are reduced side by side: enough independent additions to hide the latency of each one. */
const WIDTH = 32;
/** Rows that are added in float32 before their sum is added to a float64 total. */
const ROWS = 256;

/**
 * Says whether this reduction on the wasm heap is faster than tfjs's kernel.
 *
 * @param reduced the reduced axes of the array
 * @returns true where long columns are reduced to few numbers; elsewhere tfjs's kernel is as fast
 */
export function pays({ outer, middle, inner }: ReducedAxes): boolean {
  return outer > 0 && inner > 0 && middle >= 64 && outer * inner <= 2 ** 14;
}

/**
 * Reduces a block of adjacent axes without a transpose: many numbers at a time in float32, then the partial results in float64.
 *
 * @param wasm the backend
 * @param reducer the reduction, such as {@linkcode SUM}
 * @param x byte offset of the array
 * @param reduced the reduced axes of the array
 * @param factor multiplied with each result, such as 1 / count for a mean
 * @param out byte offset of the results, outer x inner
 */
export function reduceOnHeap(
  wasm: Wasm,
  { rows: operation, start, combine }: Reducer,
  x: number,
  { outer, middle, inner }: ReducedAxes,
  factor: number,
  out: number,
): void {
  const program = rowsProgram.on(wasm);
  const length = middle * inner;
  const unit = inner % LANES === 0 ? inner : inner % 2 === 0 ? 2 * inner : LANES * inner;
  const width = unit * Math.ceil(WIDTH / unit);
  const rows = Math.floor(length / width);
  withScratch(wasm, [width], (place) => {
    const parts = floatsAt(wasm, place, width), results = floatsAt(wasm, out, outer * inner);
    const totals = new Float64Array(inner);
    const fold = (values: Float32Array) => {
      for (let i = 0, c = 0; i < values.length; i++) {
        totals[c] = combine(totals[c]!, values[i]!);
        if (++c === inner) c = 0;
      }
    };
    for (let o = 0; o < outer; o++) {
      const from = x + o * length * FLOAT;
      totals.fill(start);
      for (let row = 0; row < rows; row += ROWS) {
        parts.fill(start);
        const at = from + row * width * FLOAT;
        program[operation](at, width * FLOAT, place, 0, width, Math.min(ROWS, rows - row));
        fold(parts);
      }
      fold(floatsAt(wasm, from + rows * width * FLOAT, length - rows * width));
      for (let c = 0; c < inner; c++) results[o * inner + c] = totals[c]! * factor;
    }
  });
}
