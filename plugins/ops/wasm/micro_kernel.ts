import { type Code, f32, f32x4, i32, repeat, repeatWhile, when } from "./instructions.ts";
import { FunctionBuilder } from "./module.ts";
import {
  advance,
  FLOAT,
  lessen,
  locals,
  type MultiplyAdd,
  times,
  VECTOR,
} from "./code_builders.ts";

/** Rows of a full tile. With {@linkcode COLUMNS}, 12 of x86's 16 vector registers hold sums and 3 hold the factors. */
export const ROWS = 6;
/** Columns of a tile: two vector registers. */
export const COLUMNS = 8;

const VECTORS = COLUMNS * FLOAT / VECTOR;
/** Steps along k per iteration of the loop. */
const UNROLL = 4;

/** Parameters that all micro-kernels take, in this order. */
export function kernelParameters(f: FunctionBuilder) {
  const i = () => f.parameter("i32");
  return {
    /** Address of the left operand. */
    a: i(),
    /** Bytes from row to row of the left operand. */
    aStep: i(),
    /** Address of the right operand, packed: `[k][COLUMNS]`. */
    b: i(),
    /** Terms of each sum. */
    k: i(),
    /** Address of the output. */
    c: i(),
    /** Bytes from row to row of the output. */
    cStep: i(),
    /** Columns to write, 1..COLUMNS. */
    columns: i(),
    /** Not 0 to add to the output. */
    accumulate: i(),
    /** Address of a tile's memory. */
    tile: i(),
  };
}

/**
 * Multiplies rows of the left operand by one packed panel of the right: the sums stay in registers until they are done. Each sum
 * runs in the order of k, so a row's result does not depend on the other rows of the tile.
 *
 * @param rows 1..ROWS
 * @param multiplyAdd of vectors
 * @param copyTile position of {@linkcode tileCopier}'s function in the module
 * @returns a function of {@linkcode kernelParameters}
 */
export function microKernel(
  rows: number,
  multiplyAdd: MultiplyAdd,
  copyTile: (...inputs: readonly Code[]) => Code,
): FunctionBuilder {
  const f = new FunctionBuilder();
  const { a, aStep, b, k, c, cStep, columns, accumulate, tile } = kernelParameters(f);
  const sums = times(rows, () => times(VECTORS, () => f.local("v128")));
  const right = times(VECTORS, () => f.local("v128")), left = f.local("v128");
  // One per row: V8 checks the bounds of all rows' loads of a term by one limit, where a pointer with offsets would need one for each.
  const pointers = [a, ...times(rows - 1, () => f.local("i32"))];
  const turns = f.local("i32");
  const term = (i: number): Code => [
    ...right.flatMap((vector, v) =>
      vector.set(f32x4.load(b.get, i * COLUMNS * FLOAT + v * VECTOR))
    ),
    ...sums.flatMap((row, r) => [
      ...left.set(f32x4.loadSplat(pointers[r]!.get, i * FLOAT)),
      ...row.flatMap((sum, v) => sum.set(multiplyAdd(left.get, right[v]!.get, sum.get))),
    ]),
  ];
  const turn = (terms: number): Code[] => [
    ...times(terms, term),
    advance(b, terms * COLUMNS * FLOAT),
    ...pointers.map((p) => advance(p, terms * FLOAT)),
    lessen(turns, 1),
  ];
  const store = (adds: boolean): Code =>
    sums.flatMap((row, r) => [
      ...row.flatMap((sum, v) =>
        f32x4.store(
          c.get,
          adds ? f32x4.add(f32x4.load(c.get, v * VECTOR), sum.get) : sum.get,
          v * VECTOR,
        )
      ),
      ...r + 1 < rows ? c.set(i32.add(c.get, cStep.get)) : [],
    ]);
  return f.body(
    ...pointers.slice(1).map((p, r) => p.set(i32.add(pointers[r]!.get, aStep.get))),
    turns.set(i32.shiftRightUnsigned(k.get, i32.constant(Math.log2(UNROLL)))),
    repeatWhile(turns.get, turn(UNROLL)),
    turns.set(i32.and(k.get, i32.constant(UNROLL - 1))),
    repeatWhile(turns.get, turn(1)),
    when(i32.lessUnsigned(columns.get, i32.constant(COLUMNS)), [
      ...sums.flatMap((row, r) =>
        row.map((sum, v) => f32x4.store(tile.get, sum.get, r * COLUMNS * FLOAT + v * VECTOR))
      ),
      copyTile(tile.get, c.get, cStep.get, i32.constant(rows), columns.get, accumulate.get),
    ], [when(accumulate.get, [store(true)], [store(false)])]),
  );
}

/**
 * Copies or adds a tile's valid columns to the output: the last panel's, where the columns are no multiple of {@linkcode COLUMNS}.
 *
 * @returns a function of the tile's address, the output's, its bytes from row to row, rows, columns, and whether to add
 */
export function tileCopier(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [from, to, step, rows, columns, accumulate] = locals(6, () => f.parameter("i32"));
  const left = f.local("i32"), source = f.local("i32"), target = f.local("i32");
  const copy = (value: Code): Code[] => [
    f32.store(target.get, value),
    advance(source, FLOAT),
    advance(target, FLOAT),
    lessen(left, 1),
  ];
  return f.body(
    repeat([
      source.set(from.get),
      target.set(to.get),
      left.set(columns.get),
      when(accumulate.get, [
        repeat(copy(f32.add(f32.load(target.get), f32.load(source.get))), left.get),
      ], [repeat(copy(f32.load(source.get)), left.get)]),
      advance(from, COLUMNS * FLOAT),
      to.set(i32.add(to.get, step.get)),
      lessen(rows, 1),
    ], rows.get),
  );
}
