import type * as tf from "@tensorflow/tfjs";
import { FLOAT } from "../wasm/code_builders.ts";
import { gemm } from "../wasm/gemm.ts";
import { floatsAt, offsetOf, type Wasm } from "../wasm/heap.ts";

/**
 * Batched matrix product on the wasm heap.
 *
 * @param wasm the backend
 * @param a `[…,rows,inner]`
 * @param b `[…,inner,columns]`; as many matrices as `a` has, or one, or the other way round
 * @param transposeA whether `a` is `[…,inner,rows]`
 * @param transposeB whether `b` is `[…,columns,inner]`
 * @returns `[…,rows,columns]`
 * @throws RangeError where sizes do not match
 */
export function multiply(
  wasm: Wasm,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo {
  const [aBatch, aRows, aColumns] = stack(a.shape), [bBatch, bRows, bColumns] = stack(b.shape);
  const m = transposeA ? aColumns : aRows, n = transposeB ? bRows : bColumns;
  const k = transposeA ? aRows : aColumns, bk = transposeB ? bColumns : bRows;
  const batch = Math.max(aBatch, bBatch);
  if (k !== bk || (aBatch !== bBatch && aBatch !== 1 && bBatch !== 1)) {
    throw new RangeError(
      `Cannot multiply [${a.shape.join(",")}]${transposeA ? "ᵀ" : ""} by [${b.shape.join(",")}]${
        transposeB ? "ᵀ" : ""
      }: inner sizes and batches must match`,
    );
  }
  const outer = aBatch >= bBatch ? a.shape.slice(0, -2) : b.shape.slice(0, -2);
  const rank = Math.max(a.shape.length, b.shape.length) - 2;
  const lead = [...Array<number>(rank - outer.length).fill(1), ...outer];
  const out = wasm.makeOutput([...lead, m, n], "float32");
  if (batch * m * n === 0) return out;
  if (k === 0) {
    floatsAt(wasm, offsetOf(wasm, out), batch * m * n).fill(0);
    return out;
  }
  const from = offsetOf(wasm, a), by = offsetOf(wasm, b), to = offsetOf(wasm, out);
  if (bBatch === 1 && !transposeA) {
    // One right side for all: the left matrices are stacked along the rows.
    gemm(wasm, { m: batch * m, k, n, a: from, b: by, transposeB, out: to });
    return out;
  }
  for (let i = 0; i < batch; i++) {
    gemm(wasm, {
      m,
      k,
      n,
      a: from + (aBatch === 1 ? 0 : i * m * k * FLOAT),
      transposeA,
      b: by + (bBatch === 1 ? 0 : i * k * n * FLOAT),
      transposeB,
      out: to + i * m * n * FLOAT,
    });
  }
  return out;
}

/** `[…,rows,columns]` → how many matrices, and their size. */
function stack(shape: readonly number[]): [number, number, number] {
  const matrices = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return [matrices, shape.at(-2)!, shape.at(-1)!];
}
