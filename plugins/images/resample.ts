import type { Coefficients } from "./pillow_coefficients.ts";
import { LOW_BITS, type ResampleProgram, resampleProgram } from "./resample_program.ts";

/** Bytes of image and result that are in the program's memory together: as much as a cache holds. */
const AT_ONCE = 2 ** 19;
/** Bytes that the program reads or writes behind an image. */
const BEHIND = 64;
const PAGE = 2 ** 16;

let opened: { readonly memory: WebAssembly.Memory; readonly program: ResampleProgram } | undefined;

/** The program, with as much memory as is needed. */
function open(bytes: number): NonNullable<typeof opened> {
  const pages = Math.ceil(bytes / PAGE);
  if (opened === undefined) {
    const memory = new WebAssembly.Memory({ initial: pages });
    opened = { memory, program: resampleProgram.compile(memory, false) };
  }
  const { memory } = opened;
  const missing = pages - memory.buffer.byteLength / PAGE;
  if (missing > 0) memory.grow(missing);
  return opened;
}

/** What the program is given for some output positions; see `ResampleProgram`. Offsets count from an input position. */
function tableOf(
  { taps, start, count, weights }: Coefficients,
  [begin, end]: readonly [number, number],
  bytesOf: (position: number) => number,
  group: number,
): Int32Array {
  const words: number[] = [];
  const low = (weight: number) => weight & ((1 << LOW_BITS) - 1);
  const both = (a: number, b: number) => (a & 0xffff) | b << 16;
  for (let at = begin; at < end; at++) {
    const groups = Math.ceil(count[at]! / group);
    words.push(groups, bytesOf(start[at]!));
    for (let tap = 0; tap < groups * group; tap += 2) {
      const [a, b] = [tap, tap + 1].map((i) => i < count[at]! ? weights[at * taps + i]! : 0);
      words.push(both(low(a!), low(b!)), both(a! >> LOW_BITS, b! >> LOW_BITS));
    }
  }
  return Int32Array.from(words);
}

/** Lays table, part of the image and part of the result into the program's memory, and computes there. */
function compute(
  table: Int32Array,
  image: Uint8Array,
  out: Uint8Array,
  behind: number,
  run: (program: ResampleProgram, table: number, image: number, out: number) => void,
): void {
  const imageAt = table.byteLength, outAt = imageAt + image.length + BEHIND;
  const { memory, program } = open(outAt + out.length + BEHIND + behind);
  new Int32Array(memory.buffer, 0, table.length).set(table);
  new Uint8Array(memory.buffer, imageAt, image.length).set(image);
  run(program, 0, imageAt, outAt);
  out.set(new Uint8Array(memory.buffer, outAt, out.length));
}

/**
 * Resamples every row of an image of three channels.
 *
 * @param source `[rows,width,3]`
 * @param width of it
 * @param rows of it
 * @param along coefficients of its columns
 * @returns `[rows,columns,3]`
 */
export function resampleRows3(
  source: Uint8Array,
  width: number,
  rows: number,
  along: Coefficients,
): Uint8Array {
  const columns = along.start.length, from = 3 * width, to = 3 * columns;
  const table = tableOf(along, [0, columns], (position) => 3 * position, 4);
  const out = new Uint8Array(rows * to);
  const together = Math.max(1, Math.floor(AT_ONCE / (from + to)));
  for (let row = 0; row < rows; row += together) {
    const end = Math.min(row + together, rows);
    compute(
      table,
      source.subarray(row * from, end * from),
      out.subarray(row * to, end * to),
      0,
      (program, table, image, result) =>
        program.rows(image, from, table, columns, result, end - row),
    );
  }
  return out;
}

/**
 * Resamples every column of an image.
 *
 * @param source rows of the same number of bytes
 * @param bytes of a row, whatever its channels
 * @param along coefficients of its rows
 * @returns as many rows as the coefficients are for
 */
export function resampleColumns(
  source: Uint8Array,
  bytes: number,
  along: Coefficients,
): Uint8Array {
  const { start, count, taps } = along, rows = start.length;
  const out = new Uint8Array(rows * bytes);
  // Of the image a part's results read rows of their own, about as many as they are times the scale, and some that others read, too.
  const scale = source.length / out.length;
  const together = Math.max(1, Math.floor((AT_ONCE / bytes - taps) / (1 + scale)));
  for (let row = 0; row < rows; row += together) {
    const end = Math.min(row + together, rows);
    const first = start[row]!, last = start[end - 1]! + count[end - 1]!;
    compute(
      tableOf(along, [row, end], (position) => (position - first) * bytes, 2),
      source.subarray(first * bytes, last * bytes),
      out.subarray(row * bytes, end * bytes),
      // A last tap without a partner reads the row behind, times 0.
      bytes,
      (program, table, image, result) => program.columns(image, bytes, table, result, end - row),
    );
  }
  return out;
}
