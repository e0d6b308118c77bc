import { type Code, f32, f32x4, i32, repeatWhile, when } from "./instructions.ts";
import { FunctionBuilder, type Local } from "./module.ts";
import { advance, atLeast, FLOAT, LANES, lessen, locals, times, VECTOR } from "./code_builders.ts";
import { COLUMNS } from "./micro_kernel.ts";
import { turnSquare } from "./square.ts";

const PANEL_ROW = COLUMNS * FLOAT;

/**
 * Packs the right operand of a product into panels of {@linkcode COLUMNS} columns, the last filled up with zeros.
 *
 * @returns a function of: address of `[k][n]`, bytes from row to row, k, n, address of `[⌈n/COLUMNS⌉][k][COLUMNS]`
 */
export function plainPacker(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [b, step, k, n, to] = locals(5, () => f.parameter("i32"));
  const [from, left, column, source] = locals(4, () => f.local("i32"));
  return f.body(
    repeatWhile(n.get, [
      from.set(b.get),
      left.set(k.get),
      when(i32.lessUnsigned(n.get, i32.constant(COLUMNS)), [
        repeatWhile(left.get, [
          ...clearPanelRow(to),
          source.set(i32.constant(0)),
          column.set(n.get),
          repeatWhile(column.get, [
            f32.store(i32.add(to.get, source.get), f32.load(i32.add(from.get, source.get))),
            advance(source, FLOAT),
            lessen(column, 1),
          ]),
          from.set(i32.add(from.get, step.get)),
          advance(to, PANEL_ROW),
          lessen(left, 1),
        ]),
        n.set(i32.constant(0)),
      ], [
        repeatWhile(left.get, [
          ...times(
            COLUMNS / LANES,
            (v) => f32x4.store(to.get, f32x4.load(from.get, v * VECTOR), v * VECTOR),
          ),
          from.set(i32.add(from.get, step.get)),
          advance(to, PANEL_ROW),
          lessen(left, 1),
        ]),
        advance(b, PANEL_ROW),
        lessen(n, COLUMNS),
      ]),
    ]),
  );
}

/**
 * Packs the right operand of a product that is stored transposed, as {@linkcode plainPacker} does.
 *
 * @returns a function of: address of `[n][k]`, bytes from row to row, k, n, address of `[⌈n/COLUMNS⌉][k][COLUMNS]`
 */
export function transposedPacker(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [b, step, k, n, to] = locals(5, () => f.parameter("i32"));
  const [left, row, source] = locals(3, () => f.local("i32"));
  const pointers = times(COLUMNS, () => f.local("i32"));
  const loaded = times(LANES, () => f.local("v128")), mixed = times(LANES, () => f.local("v128"));
  /** A 4 x 4 block (four steps along k of four columns), transposed in registers. */
  const square = (columns: readonly Local[], offset: number): Code[] => [
    ...columns.map((pointer, i) => loaded[i]!.set(f32x4.load(pointer.get))),
    ...turnSquare(
      loaded,
      mixed,
      (turned, row) => f32x4.store(to.get, turned, row * PANEL_ROW + offset),
    ),
  ];
  return f.body(
    repeatWhile(n.get, [
      left.set(k.get),
      when(i32.lessUnsigned(n.get, i32.constant(COLUMNS)), [
        repeatWhile(left.get, [
          ...clearPanelRow(to),
          source.set(b.get),
          row.set(i32.constant(0)),
          repeatWhile(i32.lessUnsigned(row.get, n.get), [
            f32.store(
              i32.add(to.get, i32.shiftLeft(row.get, i32.constant(2))),
              f32.load(source.get),
            ),
            source.set(i32.add(source.get, step.get)),
            advance(row, 1),
          ]),
          advance(b, FLOAT),
          advance(to, PANEL_ROW),
          lessen(left, 1),
        ]),
        n.set(i32.constant(0)),
      ], [
        pointers[0]!.set(b.get),
        ...pointers.slice(1).map((p, i) => p.set(i32.add(pointers[i]!.get, step.get))),
        b.set(i32.add(pointers.at(-1)!.get, step.get)),
        repeatWhile(atLeast(left, LANES), [
          ...square(pointers.slice(0, LANES), 0),
          ...square(pointers.slice(LANES), VECTOR),
          ...pointers.map((p) => advance(p, VECTOR)),
          advance(to, LANES * PANEL_ROW),
          lessen(left, LANES),
        ]),
        repeatWhile(left.get, [
          ...pointers.map((p, i) => f32.store(to.get, f32.load(p.get), i * FLOAT)),
          ...pointers.map((p) => advance(p, FLOAT)),
          advance(to, PANEL_ROW),
          lessen(left, 1),
        ]),
        lessen(n, COLUMNS),
      ]),
    ]),
  );
}

function clearPanelRow(to: Local): Code[] {
  return times(COLUMNS / LANES, (v) => f32x4.store(to.get, f32x4.constant(0), v * VECTOR));
}
