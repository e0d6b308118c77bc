import { attributesOf, defineOp } from "../define/define_op.ts";
import { floatsOf, tensorOf } from "../define/main_memory.ts";
import { floats } from "../define/shapes.ts";
import { floatsAt, offsetOf } from "../wasm/heap.ts";
import { webgpuProgram } from "../webgpu/program.ts";
import { selectLargest } from "./radix_selection.ts";
import { SELECT_LARGEST_WGSL, SELECT_THREADS } from "./select_largest.wgsl.ts";
import { selectLargestInParts } from "./select_largest_parts.wgsl.ts";

/** Longest row that a single workgroup processes: for shorter rows, the kernels that merge parts cost more time than they save. */
const SHORT = 1 << 14;

/** Elements of a long row per workgroup: smaller on a GPU, which needs more workgroups to be fully used than a CPU. */
const PART = { gpu: 1 << 12, software: 1 << 14 } as const;

/** {@linkcode selectLargest} of each row. */
function selectRows(
  values: Float32Array,
  [rows, length]: readonly [number, number],
  count: number,
  mask: Float32Array,
): Float32Array {
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * length;
    selectLargest(values.subarray(end - length, end), count, mask.subarray(end - length, end));
  }
  return mask;
}

/**
 * 1 at the `count` largest elements of each row, 0 elsewhere. tfjs has no gradient for topk, and its webgpu kernel sorts: rows of
 * 65,856 elements take seconds. To see it: time `tf.topk(tf.randomUniform([8, 65856]), 100)` there. This is a radix selection; on
 * webgpu one workgroup processes one row or, where rows are long, one part of a row.
 */
export const selectLargestOp = defineOp({
  name: "SelectLargest",
  summary: "1 at the largest elements of each row",
  inputs: { x: "[N,M]" },
  attributes: attributesOf<{ readonly count: number }>(),
  output: "[N,M]",
  shape: ({ x }) => floats(...x.shape),
  webgpu({ x }, { count }, { backend }) {
    const [rows, length] = x.shape;
    if (length > SHORT) {
      const parts = Math.ceil(length / PART[backend.software ? "software" : "gpu"]);
      return selectLargestInParts(backend, x, count, parts);
    }
    const program = webgpuProgram({
      name: "SeamstressSelectLargest",
      outputShape: x.shape,
      inputs: ["x"],
      uniforms: "count : i32,",
      workgroupSize: [SELECT_THREADS, 1, 1],
      workgroups: rows,
      code: SELECT_LARGEST_WGSL,
    });
    return backend.runWebGPUProgram(program, [x], "float32", [
      { type: "int32", data: [count] },
    ]);
  },
  wasm({ x }, { count }, { backend }) {
    const [rows, length] = x.shape, size = rows * length;
    const out = backend.makeOutput([rows, length], "float32");
    const mask = floatsAt(backend, offsetOf(backend, out), size);
    selectRows(floatsAt(backend, offsetOf(backend, x), size), [rows, length], count, mask);
    return out;
  },
  cpu({ x }, { count }, { backend }) {
    const [rows, length] = x.shape;
    const mask = new Float32Array(rows * length);
    return tensorOf(selectRows(floatsOf(backend, x), [rows, length], count, mask), x.shape);
  },
});
