import { FLOAT } from "./building.ts";
import { TILE } from "./gemm_program.ts";
import { type Wasm, withScratch } from "./heap.ts";
import { COLUMNS, ROWS } from "./micro_kernel.ts";
import { programOf } from "./program.ts";

/** A matrix product: out `[m][n]` = a `[m][k]` · b `[k][n]`, all float32 on the heap, offsets in bytes. */
export interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly a: number;
  /** `a` is stored `[k][m]`. */
  readonly transposeA?: boolean;
  readonly b: number;
  /** `b` is stored `[n][k]`. */
  readonly transposeB?: boolean;
  /** Must not overlap the operands. */
  readonly out: number;
  /** Adds to what `out` holds. */
  readonly accumulate?: boolean;
}

/** Terms of a sum at a time: a panel of the right operand takes half of the first-level cache. */
const MAX_TERMS = 512;
/** The same where the left operand is packed: six of its columns and two panels fit. */
const MAX_PACKED_TERMS = 256;
/** Elements of either operand that are worked on at a time: half of a second-level cache of 512 KiB. */
const BLOCK = 2 ** 16;

/**
 * Matrix product on the wasm heap. XNNPACK, which tfjs's own reaches, multiplies and adds in two instructions and takes no transposed
 * operand; with relaxed SIMD this is up to twice as fast. A row of `out` has the same bits whatever the other rows are.
 *
 * @param wasm the backend
 * @param product operands and output
 */
export function gemm(wasm: Wasm, product: Product): void {
  const { m, k, n, a, b, out, transposeA = false, transposeB = false } = product;
  const program = programOf(wasm);
  const most = transposeA
    ? Math.min(MAX_PACKED_TERMS, Math.max(64, Math.floor(2 * BLOCK / n)))
    : MAX_TERMS;
  const terms = Math.ceil(k / Math.ceil(k / most));
  const panels = Math.ceil(n / COLUMNS) * COLUMNS * terms;
  const scratch = TILE + (transposeA ? ROWS * terms : 0);
  const row = FLOAT * n;
  withScratch(wasm, [panels, scratch], (packed, tile) => {
    for (let from = 0; from < k; from += terms) {
      const count = Math.min(terms, k - from);
      const adds = from > 0 || product.accumulate === true ? 1 : 0;
      if (transposeB) program.packTransposed(b + from * FLOAT, k * FLOAT, count, n, packed);
      else program.packPlain(b + from * row, row, count, n, packed);
      if (transposeA) {
        const left = a + from * m * FLOAT;
        program.multiplyColumns(left, m * FLOAT, m, packed, count, out, row, n, adds, tile);
        continue;
      }
      const rows = Math.max(Math.floor(BLOCK / count / ROWS), 1) * ROWS;
      for (let first = 0; first < m; first += rows) {
        const left = a + (first * k + from) * FLOAT, to = out + first * row;
        const height = Math.min(rows, m - first);
        program.multiplyRows(left, k * FLOAT, height, packed, count, to, row, n, adds, tile);
      }
    }
  });
}
