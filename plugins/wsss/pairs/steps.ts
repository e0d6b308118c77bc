import { userError } from "seamstress";
import type { SparseColumns } from "./transition.ts";
import { DOUBLE, INTEGER, PAIR, type WalkProgram, walkProgram } from "./walk_program.ts";

/** Bytes of a page of WebAssembly's memory. */
const PAGE = 2 ** 16;

/**
 * Walks: multiplies rows of scores by T some times. The authors square T as a dense matrix log2(steps) times and multiply once; the
 * product is the same.
 *
 * @param transition T, `[N,N]`
 * @param scores `[rows,N]`
 * @param steps how often T is applied, >= 0
 * @returns scores · T^steps, `[rows,N]`
 * @throws {RangeError} where T is larger than WebAssembly's memory
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pairTransition, walkSteps } from "seamstress/wsss";
 * const alone = pairTransition(3, { from: new Int32Array(), to: new Int32Array(), values: new Float64Array() });
 * assertEquals(walkSteps(alone, Float64Array.of(0.5, 0, 1), 64), Float64Array.of(0.5, 0, 1));
 * ```
 */
export function walkSteps(
  transition: SparseColumns,
  scores: Float64Array,
  steps: number,
): Float64Array {
  const { size } = transition, out = new Float64Array(scores.length);
  const rows: number[] = [];
  for (let at = 0; at < scores.length; at += size) {
    // A row of zeros, of an absent class, stays so.
    if (scores.subarray(at, at + size).some((score) => score !== 0)) rows.push(at);
  }
  if (rows.length === 0) return out;
  const walk = new Walk(transition);
  for (let i = 0; i < rows.length; i += 2) walk.two(scores, rows.slice(i, i + 2), steps, out);
  return out;
}

/** Memory that walks share: only one is under way at a time. */
let shared: { readonly memory: WebAssembly.Memory; readonly program: WalkProgram } | undefined;

/** A transition matrix in WebAssembly's memory, and scores of two rows before and after a step. */
class Walk {
  readonly #size: number;
  readonly #buffer: ArrayBufferLike;
  readonly #program: WalkProgram;
  readonly #counts: number;
  readonly #places: number;
  readonly #values: number;
  /** Byte offsets of scores, a pixel's two side by side. */
  readonly #scores: readonly [number, number];

  constructor({ size, starts, rows, values }: SparseColumns) {
    this.#size = size;
    // Doubles first, so that they are aligned.
    this.#scores = [0, size * PAIR];
    this.#values = 2 * size * PAIR;
    this.#places = this.#values + values.length * DOUBLE;
    this.#counts = this.#places + rows.length * INTEGER;
    const { memory, program } = reserve(this.#counts + size * INTEGER, size);
    this.#buffer = memory.buffer;
    this.#program = program;
    new Float64Array(this.#buffer, this.#values, values.length).set(values);
    const places = new Int32Array(this.#buffer, this.#places, rows.length);
    for (let entry = 0; entry < rows.length; entry++) places[entry] = rows[entry]! * PAIR;
    const counts = new Int32Array(this.#buffer, this.#counts, size);
    for (let column = 0; column < size; column++) {
      counts[column] = starts[column + 1]! - starts[column]!;
    }
  }

  /** Walks along one or two rows of scores, which begin at `rows`, and writes them to the same places of `out`. */
  two(scores: Float64Array, rows: readonly number[], steps: number, out: Float64Array): void {
    const size = this.#size;
    let [from, to] = this.#scores;
    const first = new Float64Array(this.#buffer, from, 2 * size);
    for (let pixel = 0; pixel < size; pixel++) {
      for (let lane = 0; lane < 2; lane++) {
        const row = rows[lane];
        first[2 * pixel + lane] = row === undefined ? 0 : scores[row + pixel]!;
      }
    }
    for (let step = 0; step < steps; step++) {
      this.#program.step(from, to, this.#counts, this.#places, this.#values, size);
      [from, to] = [to, from];
    }
    const last = new Float64Array(this.#buffer, from, 2 * size);
    rows.forEach((row, lane) => {
      for (let pixel = 0; pixel < size; pixel++) out[row + pixel] = last[2 * pixel + lane]!;
    });
  }
}

/** Makes room. */
function reserve(bytes: number, size: number): NonNullable<typeof shared> {
  if (shared === undefined) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    shared = { memory, program: walkProgram.compile(memory, false) };
  }
  const missing = Math.ceil((bytes - shared.memory.buffer.byteLength) / PAGE);
  if (missing <= 0) return shared;
  try {
    shared.memory.grow(missing);
  } catch (error) {
    throw userError(
      new RangeError(
        `Cannot walk on a map of ${size} pixels: its transition matrix needs ` +
          `${(bytes / 2 ** 30).toFixed(1)} GiB, more than there is`,
        { cause: error },
      ),
    );
  }
  return shared;
}
