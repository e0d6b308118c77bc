import type * as tf from "@tensorflow/tfjs";
import { gemm } from "../wasm/gemm.ts";
import { floatsAt, offsetOf, type Wasm } from "../wasm/heap.ts";
import { FLOAT } from "../wasm/building.ts";
import { replaceKernel } from "../registry.ts";

/**
 * tfjs's matMul on wasm reaches XNNPACK for one matrix that is not transposed; with transposeA, transposeB or more than one matrix it
 * runs a scalar loop, 50 times slower. matMul's own gradient asks for both transposes. To see it: time `tf.matMul(a, b, true)` of two
 * 1024x1024 matrices. Our own product takes both operands either way.
 */
export function installWasmMatMul(): void {
  replaceKernel("BatchMatMul", "wasm", ({ inputs, attrs, backend }) => {
    const a = inputs["a"] as tf.TensorInfo, b = inputs["b"] as tf.TensorInfo;
    const { transposeA, transposeB } = attrs as unknown as {
      transposeA: boolean;
      transposeB: boolean;
    };
    if (a.dtype !== "float32" || b.dtype !== "float32") {
      throw new TypeError(`Cannot multiply ${a.dtype} by ${b.dtype} on wasm: cast to float32`);
    }
    return multiply(backend as unknown as Wasm, a, b, transposeA, transposeB);
  });
}

function multiply(
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
    // One right side for all: the left matrices lie one below the other.
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
