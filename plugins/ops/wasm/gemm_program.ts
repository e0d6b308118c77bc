import { defineWasmProgram, type Functions } from "./program.ts";
import { call, type Code, i32, repeatWhile, when } from "./instructions.ts";
import { FunctionBuilder } from "./module.ts";
import { advance, atLeast, FLOAT, locals, multiplyAddOf, times } from "./code_builders.ts";
import { COLUMNS, type LeftLayout, microKernel, ROWS, tileCopier } from "./micro_kernel.ts";
import { leftPacker, plainPacker, transposedPacker } from "./packing.ts";

/** Functions of the compiled products; all arguments are integers, addresses in bytes. */
export interface GemmProgram {
  /** Packs `[k][n]`: address, bytes from row to row, k, n, address of the panels. */
  packPlain(b: number, step: number, k: number, n: number, to: number): void;
  /** Packs `[n][k]`: the same parameters. */
  packTransposed(b: number, step: number, k: number, n: number, to: number): void;
  /** Multiplies `[m][k]` by packed panels. */
  multiplyRows(...product: ProductArguments): void;
  /** Multiplies the transpose of `[k][m]` by packed panels; needs `ROWS * k` floats of scratch behind the tile's. */
  multiplyColumns(...product: ProductArguments): void;
  /** The same, of short rows `[m]`: a term is read where it lies. */
  multiplyShortRows(...product: ProductArguments): void;
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

const LAYOUTS: readonly LeftLayout[] = ["rows", "packed", "columns"];

/** Floats of scratch that a tile takes. */
export const TILE = ROWS * COLUMNS;

/**
 * Functions of a matrix product: packing, micro-kernels, and loops over their tiles.
 *
 * Per step along k a full tile loads 6 + 8 floats for 48 products, so that it is bound by arithmetic and not by loads. The right
 * operand is packed, because panels of 8 columns are then read in one stream from the first-level cache; the left one is read in
 * place where its rows lie along k, or where they lie across and are short; long ones are packed six columns at a time.
 *
 * @param relaxed whether to use relaxed SIMD's multiply-add
 * @returns functions by name, in the order that their calls assume: they come first in their module
 */
function gemmFunctions(relaxed: boolean): Functions {
  const multiplyAdd = multiplyAddOf(relaxed);
  const names = ["copyTile", "packLeft"];
  const place = (layout: LeftLayout, rows: number) => {
    return names.length + LAYOUTS.indexOf(layout) * ROWS + rows - 1;
  };
  const copyTile = (...inputs: readonly Code[]) => call(names.indexOf("copyTile"), ...inputs);
  const kernels = LAYOUTS.flatMap((layout) =>
    times(ROWS, (i) =>
      [
        `${layout}${i + 1}`,
        microKernel(i + 1, layout, multiplyAdd, copyTile),
      ] as const)
  );
  return {
    copyTile: tileCopier(),
    packLeft: leftPacker(),
    ...Object.fromEntries(kernels),
    packPlain: plainPacker(),
    packTransposed: transposedPacker(),
    multiplyRows: rowsProduct((rows) => place("rows", rows)),
    multiplyColumns: columnsProduct(
      (rows) => place("packed", rows),
      names.indexOf("packLeft"),
    ),
    multiplyShortRows: columnsProduct((rows) => place("columns", rows)),
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

/** Multiplies six columns of the left operand at a time, packed where there is a function for it, by every panel. */
function columnsProduct(
  kernel: (rows: number) => number,
  packLeft?: number,
): FunctionBuilder {
  const f = new FunctionBuilder();
  const { a, aStep, m, panels, k, c, cStep, n, accumulate, scratch } = productParameters(f);
  const [packed, rows, left, pb] = locals(4, () => f.local("i32"));
  const pc = f.local("i32"), columns = f.local("i32");
  const tile = (count: number) =>
    call(
      kernel(count),
      ...[
        packLeft === undefined ? a : packed,
        aStep,
        pb,
        k,
        pc,
        cStep,
        columns,
        accumulate,
        scratch,
      ].map(({ get }) => get),
    );
  return f.body(
    packed.set(i32.add(scratch.get, i32.constant(TILE * FLOAT))),
    repeatWhile(m.get, [
      rows.set(m.get),
      when(i32.lessUnsigned(i32.constant(ROWS), m.get), [rows.set(i32.constant(ROWS))]),
      packLeft === undefined ? [] : call(packLeft, a.get, aStep.get, k.get, rows.get, packed.get),
      left.set(n.get),
      pb.set(panels.get),
      pc.set(c.get),
      repeatWhile(left.get, [
        columns.set(left.get),
        when(i32.lessUnsigned(i32.constant(COLUMNS), left.get), [
          columns.set(i32.constant(COLUMNS)),
        ]),
        when(i32.lessUnsigned(rows.get, i32.constant(ROWS)), [remainder(rows.get, tile)], [
          tile(ROWS),
        ]),
        pb.set(i32.add(pb.get, i32.multiply(k.get, i32.constant(COLUMNS * FLOAT)))),
        advance(pc, COLUMNS * FLOAT),
        left.set(i32.subtract(left.get, columns.get)),
      ]),
      a.set(i32.add(a.get, i32.multiply(rows.get, i32.constant(FLOAT)))),
      c.set(i32.add(c.get, i32.multiply(rows.get, cStep.get))),
      m.set(i32.subtract(m.get, rows.get)),
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
