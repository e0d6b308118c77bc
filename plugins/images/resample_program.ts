import { type Code, f32x4, i32, repeat, repeatWhile } from "../ops/wasm/instructions.ts";
import { i16x8, i32x4, i8x16 } from "../ops/wasm/integer_instructions.ts";
import { advance, lessen, locals, times, VECTOR } from "../ops/wasm/code_builders.ts";
import { FunctionBuilder } from "../ops/wasm/module.ts";
import { defineWasmProgram, type Functions, type WasmProgram } from "../ops/wasm/program.ts";
import { HALF, PRECISION } from "./pillow_coefficients.ts";

/**
 * Both passes of a resampling of 8-bit images. Addresses and steps in bytes. A table lists for each output position the number of its
 * groups of taps and the byte offset of its first tap, then for each pair of taps both weights' low {@linkcode LOW_BITS} bits, in the
 * halves of an integer, and what is above these in the halves of another. Up to 64 bytes behind the image and behind the result are
 * read or written.
 */
export interface ResampleProgram {
  /** Resamples rows of pixels of three bytes; a group is four taps. */
  rows(
    source: number,
    sourceStep: number,
    table: number,
    columns: number,
    out: number,
    rows: number,
  ): void;
  /** Resamples columns; a row is `step` bytes, a group two taps. */
  columns(source: number, step: number, table: number, out: number, rows: number): void;
}

/** Bits of a weight that are multiplied apart, so that weights fit words of 16 bits. */
export const LOW_BITS = 15;

/** Bytes of a pair's weights, and of what stands before them. */
const PAIR = 8, HEAD = 8;

/** Sums of products with weights' low and high parts, without their fraction. */
function whole(low: Code, high: Code): Code {
  return i32x4.shiftRightSigned(i32x4.add(low, i32x4.shiftLeft(high, LOW_BITS)), PRECISION);
}

/** The red, green and blue of two neighbouring pixels of three bytes as words, those of a colour side by side. */
function pixelPair(vector: Code, first: number): Code {
  const word = (byte: number) => [first + byte, undefined];
  return i8x16.pick(vector, [
    ...[0, 3, 1, 4, 2, 5].flatMap(word),
    ...[undefined, undefined, undefined, undefined],
  ]);
}

function resampleRows(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [source, step, table, columns, out, rows] = locals(6, () => f.parameter("i32"));
  const [entry, column, from, left] = locals(4, () => f.local("i32"));
  const [pixels, pair, low, high] = locals(4, () => f.local("v128"));
  const addPair = (which: number): Code => [
    ...pair.set(pixelPair(pixels.get, which * 6)),
    ...low.set(
      i32x4.add(low.get, i32x4.dot(pair.get, f32x4.loadSplat(entry.get, which * PAIR))),
    ),
    ...high.set(
      i32x4.add(high.get, i32x4.dot(pair.get, f32x4.loadSplat(entry.get, which * PAIR + 4))),
    ),
  ];
  return f.body(
    repeatWhile(rows.get, [
      entry.set(table.get),
      column.set(columns.get),
      repeat([
        left.set(i32.load(entry.get)),
        from.set(i32.add(source.get, i32.load(entry.get, 4))),
        advance(entry, HEAD),
        low.set(i32x4.constant(HALF)),
        high.set(i32x4.constant(0)),
        repeat([
          pixels.set(f32x4.load(from.get)),
          addPair(0),
          addPair(1),
          advance(from, 12),
          advance(entry, 2 * PAIR),
          lessen(left, 1),
        ], left.get),
        low.set(whole(low.get, high.get)),
        low.set(i16x8.clampSigned(low.get, low.get)),
        // The fourth byte is the next pixel's first.
        f32x4.storeFirst(out.get, i8x16.clampUnsigned(low.get, low.get)),
        advance(out, 3),
        lessen(column, 1),
      ], column.get),
      source.set(i32.add(source.get, step.get)),
      lessen(rows, 1),
    ]),
  );
}

/** Bytes of two rows side by side, of the first or the last eight columns. */
function interleaved(a: Code, b: Code, first: number): Code {
  return i8x16.shuffle(a, b, times(8, (i) => [first + i, VECTOR + first + i]).flat());
}

function resampleColumns(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [source, step, table, out, rows] = locals(5, () => f.parameter("i32"));
  const [entry, first, column, from, pairs, left] = locals(6, () => f.local("i32"));
  const [a, b, words, weights, above] = locals(5, () => f.local("v128"));
  const low = times(4, () => f.local("v128")), high = times(4, () => f.local("v128"));
  /** Adds four columns' words of two rows, times their weights. */
  const add = (quarter: number): Code => [
    ...low[quarter]!.set(i32x4.add(low[quarter]!.get, i32x4.dot(words.get, weights.get))),
    ...high[quarter]!.set(i32x4.add(high[quarter]!.get, i32x4.dot(words.get, above.get))),
  ];
  const half = (i: number): Code => [
    ...a.set(f32x4.load(from.get)),
    ...b.set(f32x4.load(i32.add(from.get, step.get))),
    ...b.set(interleaved(a.get, b.get, 8 * i)),
    ...words.set(i16x8.lowBytes(b.get)),
    ...add(2 * i),
    ...words.set(i16x8.highBytes(b.get)),
    ...add(2 * i + 1),
  ];
  const clamped = (i: number) =>
    i16x8.clampSigned(
      whole(low[i]!.get, high[i]!.get),
      whole(low[i + 1]!.get, high[i + 1]!.get),
    );
  return f.body(
    repeatWhile(rows.get, [
      pairs.set(i32.load(table.get)),
      first.set(i32.add(source.get, i32.load(table.get, 4))),
      column.set(step.get),
      repeat([
        ...low.map((sum) => sum.set(i32x4.constant(HALF))),
        ...high.map((sum) => sum.set(i32x4.constant(0))),
        from.set(first.get),
        entry.set(i32.add(table.get, i32.constant(HEAD))),
        left.set(pairs.get),
        repeat([
          weights.set(f32x4.loadSplat(entry.get)),
          above.set(f32x4.loadSplat(entry.get, 4)),
          half(0),
          half(1),
          from.set(i32.add(from.get, i32.shiftLeft(step.get, i32.constant(1)))),
          advance(entry, PAIR),
          lessen(left, 1),
        ], left.get),
        f32x4.store(out.get, i8x16.clampUnsigned(clamped(0), clamped(2))),
        advance(first, VECTOR),
        advance(out, VECTOR),
        lessen(column, VECTOR),
      ], i32.lessSigned(i32.constant(0), column.get)),
      // What was written behind the row is where the next one begins.
      out.set(i32.add(out.get, column.get)),
      table.set(entry.get),
      lessen(rows, 1),
    ]),
  );
}

/** Builds both passes. @returns the functions of {@linkcode ResampleProgram} by name */
function resampleFunctions(): Functions {
  return { rows: resampleRows(), columns: resampleColumns() };
}

/** {@linkcode ResampleProgram}, compiled for a memory by `compile()`. */
export const resampleProgram: WasmProgram<ResampleProgram> = defineWasmProgram<ResampleProgram>(
  resampleFunctions,
);
