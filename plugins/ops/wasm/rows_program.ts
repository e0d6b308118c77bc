import { defineWasmProgram, type Functions } from "./program.ts";
import { type Code, f32x4, i32, repeatWhile } from "./instructions.ts";
import { FunctionBuilder } from "./module.ts";
import { type Access, ACCESSES, advance, atLeast, FLOAT, lessen, locals } from "./code_builders.ts";

/** Reads rows of floats and writes or updates other rows; addresses and steps in bytes. */
type RowsToRows = (
  from: number,
  fromStep: number,
  to: number,
  toStep: number,
  floats: number,
  rows: number,
) => void;

/** Functions that move rows of floats; addresses and steps in bytes. */
export interface RowsProgram {
  /** Copies rows; steps may be 0 or negative, rows may be none. */
  copyRows: RowsToRows;
  /** Adds rows to rows. */
  addRows: RowsToRows;
  /** Element-wise maximum, stored in the second row; NaN where either element is NaN. */
  maxRows: RowsToRows;
  /** Fills rows with 0. */
  clearRows(to: number, toStep: number, floats: number, rows: number): void;
}

/** Builds the functions that process arrays row by row. @returns the functions of {@linkcode RowsProgram} by name */
function rowsFunctions(): Functions {
  return {
    copyRows: eachRow((from, _to, { load }) => load(from)),
    addRows: eachRow((from, to, { load }) => f32x4.add(load(to), load(from))),
    maxRows: eachRow((from, to, { load }) => f32x4.maxOrNaN(load(to), load(from))),
    clearRows: clear(),
  };
}

function eachRow(value: (from: Code, to: Code, access: Access) => Code): FunctionBuilder {
  const f = new FunctionBuilder();
  const [from, fromStep, to, toStep, floats, rows] = locals(6, () => f.parameter("i32"));
  const [source, target, left] = locals(3, () => f.local("i32"));
  return f.body(
    repeatWhile(rows.get, [
      source.set(from.get),
      target.set(to.get),
      left.set(floats.get),
      ...ACCESSES.map((access) =>
        repeatWhile(atLeast(left, access.floats), [
          access.store(target.get, value(source.get, target.get, access)),
          advance(source, access.floats * FLOAT),
          advance(target, access.floats * FLOAT),
          lessen(left, access.floats),
        ])
      ),
      from.set(i32.add(from.get, fromStep.get)),
      to.set(i32.add(to.get, toStep.get)),
      lessen(rows, 1),
    ]),
  );
}

function clear(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [to, toStep, floats, rows] = locals(4, () => f.parameter("i32"));
  const [target, left] = locals(2, () => f.local("i32"));
  return f.body(
    repeatWhile(rows.get, [
      target.set(to.get),
      left.set(floats.get),
      ...ACCESSES.map(({ floats, store }) =>
        repeatWhile(atLeast(left, floats), [
          store(target.get, f32x4.constant(0)),
          advance(target, floats * FLOAT),
          lessen(left, floats),
        ])
      ),
      to.set(i32.add(to.get, toStep.get)),
      lessen(rows, 1),
    ]),
  );
}

/** {@linkcode RowsProgram}, compiled at the first call. */
export const rowsProgram = defineWasmProgram<RowsProgram>(rowsFunctions);
