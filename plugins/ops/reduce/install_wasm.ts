import * as tf from "@tensorflow/tfjs";
import { type Sections, sectionsOf } from "./sections.ts";
import { FLOAT, LANES } from "../wasm/building.ts";
import { floatsAt, offsetOf, type Wasm, withScratch } from "../wasm/heap.ts";
import { programOf } from "../wasm/program.ts";
import { replaceKernel } from "../registry.ts";

/** What a reduction does with elements, on the heap and here. */
interface Reducer {
  readonly rows: "addRows" | "maxRows";
  readonly start: number;
  /** In float64. */
  combine(a: number, b: number): number;
}

const SUM: Reducer = { rows: "addRows", start: 0, combine: (a, b) => a + b };
const MAX: Reducer = { rows: "maxRows", start: -Infinity, combine: Math.max };

/** Floats that are reduced side by side at least: enough for the additions of one place to wait for each other. */
const WIDTH = 32;
/** Rows that are added in float32 before float64 takes over. */
const ROWS = 256;

/**
 * tfjs's reductions on wasm add one number after the other, in float32, and turn the array first where other axes than the last go.
 * These reduce a block of neighbouring axes in place, many numbers at a time, and fold what remains in float64.
 */
export function installWasmReductions(): void {
  replaceReduction("Sum", () => SUM, () => 1);
  replaceReduction("Max", () => MAX, () => 1);
  replaceReduction("Mean", () => SUM, ({ middle }) => 1 / middle);
}

function replaceReduction(
  kernelName: "Sum" | "Max" | "Mean",
  reducer: () => Reducer,
  factor: (sections: Sections) => number,
): void {
  const stock = tf.getKernel(kernelName, "wasm").kernelFunc;
  replaceKernel(kernelName, "wasm", (params) => {
    const x = params.inputs["x"] as tf.TensorInfo;
    const attributes = params.attrs as unknown as {
      axis?: number | number[];
      reductionIndices?: number | number[];
      keepDims: boolean;
    };
    const { axis, reductionIndices, keepDims } = attributes;
    const axes = tf.util.parseAxisParam((axis ?? reductionIndices)!, x.shape);
    const sections = sectionsOf(x.shape, axes);
    if (x.dtype !== "float32" || sections === undefined || !pays(sections)) return stock(params);
    const wasm = params.backend as unknown as Wasm;
    const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
    const out = wasm.makeOutput(shape, "float32");
    reduce(wasm, reducer(), offsetOf(wasm, x), sections, factor(sections), offsetOf(wasm, out));
    return out;
  });
}

/** Where long columns are reduced to few numbers; the rest is folded one by one. */
function pays({ outer, middle, inner }: Sections): boolean {
  return outer > 0 && inner > 0 && middle >= 64 && outer * inner <= 2 ** 14;
}

function reduce(
  wasm: Wasm,
  { rows: operation, start, combine }: Reducer,
  x: number,
  { outer, middle, inner }: Sections,
  factor: number,
  out: number,
): void {
  const program = programOf(wasm);
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
