import type { HeapMatrix, Wasm } from "./heap.ts";

/**
 * Ids under which the operands are known to the wasm module while it multiplies. tfjs counts its own up from 1 and would need two
 * billion tensors to meet these.
 */
const LEFT = 0x7ffffffd, RIGHT = 0x7ffffffe, OUT = 0x7fffffff;

type BatchMatMul = (
  a: number,
  aShape: Uint8Array,
  aRank: number,
  b: number,
  bShape: Uint8Array,
  bRank: number,
  transposeA: boolean,
  transposeB: boolean,
  out: number,
) => void;

const entries = new WeakMap<object, BatchMatMul>();

/** tfjs's C++ entry point, which takes tensors by id. */
function batchMatMul(wasm: Wasm): BatchMatMul {
  const known = entries.get(wasm);
  if (known !== undefined) return known;
  const entry = wasm.wasm.cwrap("BatchMatMul", null, [
    "number",
    "array",
    "number",
    "number",
    "array",
    "number",
    "number",
    "number",
    "number",
  ]) as BatchMatMul;
  entries.set(wasm, entry);
  return entry;
}

function shapeBytes(matrix: HeapMatrix): Uint8Array {
  return new Uint8Array(new Int32Array([1, matrix.rows, matrix.columns]).buffer);
}

/**
 * Matrix product on the wasm heap by XNNPACK: out = left · right, some 30 GFLOP/s. tfjs takes this path only for one matrix, not
 * transposed; this reaches it for any piece of the heap, without copies.
 *
 * @param wasm the backend
 * @param left `[m][k]`
 * @param right `[k][n]`
 * @param out byte offset of `[m][n]`, which must not overlap the others
 */
export function gemm(wasm: Wasm, left: HeapMatrix, right: HeapMatrix, out: number): void {
  const { registerTensor, disposeData } = wasm.wasm.tfjs;
  registerTensor(LEFT, left.rows * left.columns, left.offset);
  registerTensor(RIGHT, right.rows * right.columns, right.offset);
  registerTensor(OUT, left.rows * right.columns, out);
  try {
    batchMatMul(wasm)(
      LEFT,
      shapeBytes(left),
      3,
      RIGHT,
      shapeBytes(right),
      3,
      false,
      false,
      OUT,
    );
  } finally {
    // Forgets the ids and the packed copy of `right`; the memory stays its owner's.
    disposeData(LEFT);
    disposeData(RIGHT);
    disposeData(OUT);
  }
}
