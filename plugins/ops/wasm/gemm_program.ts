import { defineWasmProgram, type Functions } from "./program.ts";
import { call, type Code, i32, repeatWhile, when } from "./instructions.ts";
import { FunctionBuilder } from "./module.ts";
import { advance, atLeast, FLOAT, locals, multiplyAddOf, times } from "./code_builders.ts";
import { COLUMNS, microKernel, ROWS, tileCopier } from "./micro_kernel.ts";
import { plainPacker, transposedPacker } from "./packing.ts";

/** Functions of the compiled products; all arguments are integers, addresses in bytes. */
export interface GemmProgram {
  /** Packs `[k][n]`: address, bytes from row to row, k, n, address of the panels. */
  packPlain(b: number, step: number, k: number, n: number, to: number): void;
  /** Packs `[n][k]`: the same parameters. */
  packTransposed(b: number, step: number, k: number, n: number, to: number): void;
  /** Multiplies `[m][k]` by packed panels. */
  multiplyRows(...product: ProductArguments): void;
}

/** Arguments of the product functions. */
export type ProductArguments = readonly [
  a: number,
  aStep: number,
  m: number,
  panels: number,
  k: number,
  c: number,
  cStep: number,
  n: number,
  accumulate: number,
  scratch: number,
];

/** Floats of scratch that a tile takes. */
export const TILE = ROWS * COLUMNS;

/**
 * Functions of a matrix product: packing, micro-kernels, and loops over their tiles.
 *
 * Per step along k a full tile loads 6 + 8 floats for 48 products, so that it is bound by arithmetic and not by loads. The right
 * operand is packed, because panels of 8 columns are then read in one stream from the first-level cache; the left one is read in
 * place, by a pointer for each of its rows.
 *
 * @param relaxed whether to use relaxed SIMD's multiply-add
 * @returns functions by name, in the order that their calls assume: they come first in their module
 */
function gemmFunctions(relaxed: boolean): Functions {
  const multiplyAdd = multiplyAddOf(relaxed);
  const copyTile = (...inputs: readonly Code[]) => call(0, ...inputs);
  const kernels = times(ROWS, (i) =>
    [
      `tile${i + 1}`,
      microKernel(i + 1, multiplyAdd, copyTile),
    ] as const);
  return {
    copyTile: tileCopier(),
    ...Object.fromEntries(kernels),
    packPlain: plainPacker(),
    packTransposed: transposedPacker(),
    multiplyRows: rowsProduct((rows) => rows),
  };
}

/** Parameters of {@linkcode ProductArguments}. */
function productParameters(f: FunctionBuilder) {
  const i = () => f.parameter("i32");
  return {
    a: i(),
    aStep: i(),
    m: i(),
    panels: i(),
    k: i(),
    c: i(),
    cStep: i(),
    n: i(),
    accumulate: i(),
    scratch: i(),
  };
}

/** Multiplies panel by panel, so that a panel stays in the L1 cache while all rows are multiplied by it. */
function rowsProduct(kernel: (rows: number) => number): FunctionBuilder {
  const f = new FunctionBuilder();
  const { a, aStep, m, panels, k, c, cStep, n, accumulate, scratch } = productParameters(f);
  const [left, pa, pc, columns] = locals(4, () => f.local("i32"));
  const tile = (rows: number) =>
    call(
      kernel(rows),
      ...[pa, aStep, panels, k, pc, cStep, columns, accumulate, scratch].map(({ get }) => get),
    );
  return f.body(
    repeatWhile(n.get, [
      columns.set(n.get),
      when(i32.lessUnsigned(i32.constant(COLUMNS), n.get), [columns.set(i32.constant(COLUMNS))]),
      left.set(m.get),
      pa.set(a.get),
      pc.set(c.get),
      repeatWhile(atLeast(left, ROWS), [
        tile(ROWS),
        pa.set(i32.add(pa.get, i32.multiply(aStep.get, i32.constant(ROWS)))),
        pc.set(i32.add(pc.get, i32.multiply(cStep.get, i32.constant(ROWS)))),
        left.set(i32.subtract(left.get, i32.constant(ROWS))),
      ]),
      remainder(left.get, tile),
      panels.set(i32.add(panels.get, i32.multiply(k.get, i32.constant(COLUMNS * FLOAT)))),
      advance(c, COLUMNS * FLOAT),
      n.set(i32.subtract(n.get, columns.get)),
    ]),
  );
}

/** Runs the micro-kernel for the remaining rows, fewer than a full tile has; nothing where no row remains. */
function remainder(left: Code, tile: (rows: number) => Code): Code {
  return times(ROWS - 1, (i) => i + 1)
    .map((rows) => when(i32.isZero(i32.subtract(left, i32.constant(rows))), [tile(rows)]))
    .flat();
}

/** {@linkcode GemmProgram}, compiled at the first call. */
export const gemmProgram = defineWasmProgram<GemmProgram>(gemmFunctions);
