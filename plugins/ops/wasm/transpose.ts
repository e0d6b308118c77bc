import { advance, atLeast, FLOAT, LANES, lessen, locals, times, VECTOR } from "./code_builders.ts";
import { type Code, f32, f32x4, i32, repeatWhile } from "./instructions.ts";
import { FunctionBuilder } from "./module.ts";
import { defineWasmProgram, type Functions } from "./program.ts";
import { turnSquare } from "./square.ts";

/** Transposes matrices. */
export interface TransposeProgram {
  /** `[rows][columns]` → `[columns][rows]`; addresses in bytes, steps in bytes from row to row of either. */
  transpose(
    from: number,
    step: number,
    rows: number,
    columns: number,
    to: number,
    toStep: number,
  ): void;
}

/** {@linkcode TransposeProgram}, compiled at the first call. */
export const transposeProgram = defineWasmProgram<TransposeProgram>((): Functions => ({
  transpose: transpose(),
}));

/** Four rows at a time, of which four columns at a time are transposed in registers; what remains of both float by float. */
function transpose(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [from, step, rows, columns, to, toStep] = locals(6, () => f.parameter("i32"));
  const [left, target] = locals(2, () => f.local("i32"));
  const readers = times(LANES, () => f.local("i32"));
  const loaded = times(LANES, () => f.local("v128")), mixed = times(LANES, () => f.local("v128"));
  const down = (): Code => target.set(i32.add(target.get, toStep.get));
  /** Single columns of some rows. */
  const single = (count: number): Code =>
    repeatWhile(left.get, [
      ...readers.slice(0, count).flatMap((reader, i) => [
        f32.store(target.get, f32.load(reader.get), i * FLOAT),
        advance(reader, FLOAT),
      ]),
      down(),
      lessen(left, 1),
    ]);
  const square: Code = repeatWhile(atLeast(left, LANES), [
    ...readers.map((reader, i) => loaded[i]!.set(f32x4.load(reader.get))),
    ...turnSquare(loaded, mixed, (turned) => [f32x4.store(target.get, turned), down()].flat()),
    ...readers.map((reader) => advance(reader, VECTOR)),
    lessen(left, LANES),
  ]);
  const band = (count: number, body: readonly Code[]): Code =>
    repeatWhile(atLeast(rows, count), [
      readers[0]!.set(from.get),
      ...readers.slice(1, count).map((reader, i) => reader.set(i32.add(readers[i]!.get, step.get))),
      from.set(i32.add(readers[count - 1]!.get, step.get)),
      target.set(to.get),
      left.set(columns.get),
      ...body,
      advance(to, count * FLOAT),
      lessen(rows, count),
    ]);
  return f.body(
    band(LANES, [square, single(LANES)]),
    band(1, [single(1)]),
  );
}
