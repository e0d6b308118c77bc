import { defineWasmProgram, type Functions } from "../wasm/program.ts";
import { f32x4, i32, repeatWhile } from "../wasm/instructions.ts";
import { FunctionBuilder } from "../wasm/module.ts";
import {
  ACCESSES,
  advance,
  atLeast,
  FLOAT,
  lessen,
  locals,
  type MultiplyAdd,
  multiplyAddOf,
} from "../wasm/code_builders.ts";

/** A sparse matrix times dense rows; addresses and steps in bytes. */
export interface CombineProgram {
  /**
   * out[o][i] = Σ_e weight_e · x[o][row_e] over the entries of row i, for each o of `outer`.
   *
   * `table` lists for each of `rows` rows the number of its entries, then for each the byte offset of its row in x, then its weight.
   */
  combineRows(
    x: number,
    xStep: number,
    table: number,
    rows: number,
    out: number,
    floats: number,
    outer: number,
  ): void;
}

/**
 * Builds weighted sums.
 *
 * @param relaxed whether to use relaxed SIMD's multiply-add
 * @returns the function of {@linkcode CombineProgram} by name
 */
function combineFunctions(relaxed: boolean): Functions {
  return { combineRows: combine(multiplyAddOf(relaxed)) };
}

function combine(multiplyAdd: MultiplyAdd): FunctionBuilder {
  const f = new FunctionBuilder();
  const [x, xStep, table, rows, out, floats, outer] = locals(7, () => f.parameter("i32"));
  const [row, count, entry, entries, at, left] = locals(6, () => f.local("i32"));
  const sum = f.local("v128");
  return f.body(
    repeatWhile(outer.get, [
      row.set(table.get),
      count.set(rows.get),
      repeatWhile(count.get, [
        at.set(x.get),
        left.set(floats.get),
        ...ACCESSES.map((access) =>
          repeatWhile(atLeast(left, access.floats), [
            sum.set(f32x4.constant(0)),
            entry.set(i32.add(row.get, i32.constant(FLOAT))),
            entries.set(i32.load(row.get)),
            repeatWhile(entries.get, [
              sum.set(
                multiplyAdd(
                  f32x4.loadSplat(entry.get, FLOAT),
                  access.load(i32.add(at.get, i32.load(entry.get))),
                  sum.get,
                ),
              ),
              advance(entry, 2 * FLOAT),
              lessen(entries, 1),
            ]),
            access.store(out.get, sum.get),
            advance(at, access.floats * FLOAT),
            advance(out, access.floats * FLOAT),
            lessen(left, access.floats),
          ])
        ),
        row.set(entry.get),
        lessen(count, 1),
      ]),
      x.set(i32.add(x.get, xStep.get)),
      lessen(outer, 1),
    ]),
  );
}

/** {@linkcode CombineProgram}, compiled at the first call. */
export const combineProgram = defineWasmProgram<CombineProgram>(combineFunctions);
