import { FLOAT } from "./code_builders.ts";
import { type GemmProgram, gemmProgram, TILE } from "./gemm_program.ts";
import { type Wasm, withScratch } from "./heap.ts";
import { COLUMNS, ROWS } from "./micro_kernel.ts";
import { oddLines } from "./odd_lines.ts";
import { transposeProgram } from "./transpose.ts";

/** The right side of a product, `[k][n]` float32 on the heap. */
export interface Right {
  readonly k: number;
  readonly n: number;
  /** Byte offset. */
  readonly b: number;
  /** Whether it is stored as `[n][k]`. */
  readonly transposeB?: boolean;
}

/** A matrix product: out `[m][n]` = a `[m][k]` · b `[k][n]`, all float32 on the heap, offsets in bytes. */
export interface Product extends Right {
  readonly m: number;
  readonly a: number;
  /** Whether `a` is stored as `[k][m]`. */
  readonly transposeA?: boolean;
  /** Byte offset of the output; it must not overlap the operands. */
  readonly out: number;
  /** Whether to add to the present values of `out`; only where `a` is stored transposed. */
  readonly accumulate?: boolean;
}

/** Block size along k: a panel of the right operand then takes half of a 32 KiB L1 cache. */
const MAX_TERMS = 512;
/** Block size in elements of an operand: 256 KiB, a quarter to a half of an L2 cache. */
const BLOCK = 2 ** 16;

/** Elements of a right side, all of which stays in half of an L1 cache, and of the rows on both sides that stay beside it. */
const THIN = 2 ** 12, THIN_ROWS = 2 ** 11;

/**
 * Matrix product on the wasm heap. XNNPACK, which tfjs's product uses, multiplies and adds in two instructions and accepts no
 * transposed operand; with relaxed SIMD this product is up to twice as fast. A row of `out` is bitwise independent of the other
 * rows, unless `a` is transposed: then the sum is split along k, which is long.
 *
 * @param wasm the backend
 * @param product operands and output
 */
export function gemm(wasm: Wasm, product: Product): void {
  if (product.transposeA) {
    multiplyTransposed(wasm, product);
    return;
  }
  const { a, m, out } = product;
  withRight(wasm, product, (multiply) => multiply(a, m, out));
}

/**
 * Packs the right side of products once, for any number of left sides.
 *
 * @param wasm the backend
 * @param right the right side
 * @param use gets a function that multiplies `[m][k]` at byte offset `a` by the right side and writes `[m][n]` at `out`
 */
export function withRight(
  wasm: Wasm,
  { k, n, b, transposeB = false }: Right,
  use: (multiply: (a: number, m: number, out: number) => void) => void,
): void {
  const program = gemmProgram.on(wasm);
  withScratch(wasm, [packedLength(k, n), TILE], (panels, tile) => {
    eachPacked(k, n, (from, count, to) => {
      packBlock(program, { k, n, b, transposeB }, from, count, panels + to);
    });
    use((a, m, out) => multiplyPacked(program, { k, n }, panels, a, m, out, tile));
  });
}

/** Packs some rows of a right side into panels. */
function packBlock(
  program: GemmProgram,
  { k, n, b, transposeB = false }: Right,
  from: number,
  count: number,
  to: number,
): void {
  if (transposeB) program.packTransposed(b + from * FLOAT, k * FLOAT, count, n, to);
  else program.packPlain(b + from * n * FLOAT, n * FLOAT, count, n, to);
}

/** @returns floats of a packed right side */
export function packedLength(k: number, n: number): number {
  return Math.ceil(n / COLUMNS) * COLUMNS * k;
}

/**
 * Visits the blocks of a packed right side.
 *
 * @param k rows of the right side
 * @param n its columns
 * @param visit gets a block's first row, its rows, and byte offset of its panels in the packed side
 */
export function eachPacked(
  k: number,
  n: number,
  visit: (from: number, count: number, to: number) => void,
): void {
  const terms = evenly(k, MAX_TERMS);
  for (let from = 0; from < k; from += terms) {
    visit(from, Math.min(terms, k - from), packedLength(from, n) * FLOAT);
  }
}

/**
 * Multiplies by a packed right side.
 *
 * @param program on the heap
 * @param right rows and columns of the right side
 * @param panels byte offset of it, packed
 * @param a byte offset of the left side `[m][k]`
 * @param m rows
 * @param out byte offset of `[m][n]`
 * @param tile byte offset of {@linkcode TILE} floats
 */
export function multiplyPacked(
  program: GemmProgram,
  { k, n }: Pick<Right, "k" | "n">,
  panels: number,
  a: number,
  m: number,
  out: number,
  tile: number,
): void {
  eachPacked(k, n, (from, count, to) => {
    const rows = rowsAtOnce(count, n);
    for (let first = 0; first < m; first += rows) {
      program.multiplyRows(
        a + (first * k + from) * FLOAT,
        k * FLOAT,
        Math.min(rows, m - first),
        panels + to,
        count,
        out + first * n * FLOAT,
        n * FLOAT,
        n,
        from > 0 ? 1 : 0,
        tile,
      );
    }
  });
}

/** Every panel is multiplied with the same rows of the left side and the output, so that these stay cached: in L1 where all panels do. */
function rowsAtOnce(k: number, n: number): number {
  const most = k * n <= THIN ? THIN_ROWS / (k + n) : BLOCK / Math.max(k, n);
  return Math.max(Math.floor(most / ROWS), 1) * ROWS;
}

/** The left operand is transposed in blocks that stay in a cache: micro-kernels read its rows as of any other. */
function multiplyTransposed(
  wasm: Wasm,
  { m, k, n, a, b, transposeB = false, out, accumulate = false }: Product,
): void {
  const program = gemmProgram.on(wasm), { transpose } = transposeProgram.on(wasm);
  const terms = termsAtOnce(k), most = Math.min(rowsAtOnce(terms, n), m);
  const width = Math.ceil(n / COLUMNS) * COLUMNS, step = oddLines(terms * FLOAT);
  withScratch(wasm, [width * terms, most * step / FLOAT, TILE], (panels, left, tile) => {
    for (let from = 0; from < k; from += terms) {
      const count = Math.min(terms, k - from);
      packBlock(program, { k, n, b, transposeB }, from, count, panels);
      for (let first = 0; first < m; first += most) {
        const rows = Math.min(most, m - first);
        transpose(a + (from * m + first) * FLOAT, m * FLOAT, count, rows, left, step);
        program.multiplyRows(
          left,
          step,
          rows,
          panels,
          count,
          out + first * n * FLOAT,
          n * FLOAT,
          n,
          accumulate || from > 0 ? 1 : 0,
          tile,
        );
      }
    }
  });
}

/**
 * Terms of a product's sums that are added up before the next are, where the left side is stored transposed.
 *
 * @param k terms in all
 * @returns how many, but for the last
 */
export function termsAtOnce(k: number): number {
  return evenly(k, MAX_TERMS);
}

/** Length of the parts when `length` is split as evenly as possible into parts of at most `most`. */
function evenly(length: number, most: number): number {
  return Math.ceil(length / Math.ceil(length / most));
}
