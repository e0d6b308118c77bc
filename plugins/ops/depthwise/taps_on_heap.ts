import { FLOAT, LANES, VECTOR } from "../wasm/code_builders.ts";
import type { RowsProgram } from "../wasm/rows_program.ts";
import { TAPS } from "./wasm_program.ts";

/** Copies one tap's weights of all channels between the two orders. */
type CopyTap = (
  plain: number,
  packed: number,
  packedStep: number,
  floats: number,
  rows: number,
) => void;

/** Visits all taps, of which in packed order those of four channels are neighbours, and behind them those of single channels. */
function eachTap(plain: number, channels: number, packed: number, copy: CopyTap): void {
  const vectors = Math.floor(channels / LANES), rest = channels % LANES;
  const restAt = packed + vectors * TAPS * VECTOR;
  for (let tap = 0; tap < TAPS; tap++) {
    const at = plain + tap * channels * FLOAT;
    copy(at, packed + tap * VECTOR, TAPS * VECTOR, LANES, vectors);
    copy(at + vectors * VECTOR, restAt + tap * FLOAT, TAPS * FLOAT, 1, rest);
  }
}

/**
 * Packs weights for `DepthwiseProgram`.
 *
 * @param program on the heap
 * @param filter byte offset of `[3,3,C]`
 * @param channels C
 * @param packed byte offset of `[C/4][9][4]`, then `[C%4][9]`
 */
export function packTaps(
  program: RowsProgram,
  filter: number,
  channels: number,
  packed: number,
): void {
  eachTap(
    filter,
    channels,
    packed,
    (plain, to, step, floats, rows) =>
      program.copyRows(plain, floats * FLOAT, to, step, floats, rows),
  );
}

/**
 * The reverse of {@linkcode packTaps}.
 *
 * @param program on the heap
 * @param packed byte offset of `[C/4][9][4]`, then `[C%4][9]`
 * @param channels C
 * @param filter byte offset of `[3,3,C]`
 */
export function unpackTaps(
  program: RowsProgram,
  packed: number,
  channels: number,
  filter: number,
): void {
  eachTap(
    filter,
    channels,
    packed,
    (plain, from, step, floats, rows) =>
      program.copyRows(from, step, plain, floats * FLOAT, floats, rows),
  );
}
