import {
  type Access,
  ACCESSES,
  advance,
  atLeast,
  FLOAT,
  LANES,
  lessen,
  times,
  VECTOR,
} from "./code_builders.ts";
import { floatsAt, type Wasm, withScratch } from "./heap.ts";
import { type Code, f32x4, i32, repeatWhile, when } from "./instructions.ts";
import type { FunctionBuilder, Local } from "./module.ts";

/** Vectors of a turn of the loop, so that its own instructions are few beside theirs. */
const UNROLL = 4;

/** What turns do: some vectors, one, or the first float of one. */
const TURNS: readonly (readonly Access[])[] = [
  times(UNROLL, (v) => ({
    floats: LANES,
    load: (address, offset = 0) => f32x4.load(address, offset + v * VECTOR),
    store: (address, value, offset = 0) => f32x4.store(address, value, offset + v * VECTOR),
  })),
  ...ACCESSES.map((access) => [access]),
];

/**
 * Loops over several arrays `[…,C]` together, and over tables of their channels, which restart at their end: see {@linkcode withTables}.
 *
 * @param f the function that the loop belongs to
 * @param period bytes of a table, as `withTables` makes it
 * @param length floats of each array; 0 afterwards
 * @param streams addresses of the arrays; behind their end afterwards
 * @param step what is done with some neighbouring floats; `at` is their offset into the tables
 * @returns the loop
 */
export function periodically(
  f: FunctionBuilder,
  period: Local,
  length: Local,
  streams: readonly Local[],
  step: (at: Code, access: Access) => Code,
): Code[] {
  const at = f.local("i32");
  return TURNS.map((accesses) => {
    const floats = accesses.reduce((sum, access) => sum + access.floats, 0);
    return repeatWhile(atLeast(length, floats), [
      ...accesses.map((access) => step(at.get, access)),
      ...[...streams, at].map((local) => advance(local, floats * FLOAT)),
      when(i32.isZero(i32.subtract(at.get, period.get)), [at.set(i32.constant(0))]),
      lessen(length, floats),
    ]);
  });
}

/**
 * Puts per-channel values on the heap, repeated until they fill whole turns of {@linkcode periodically}.
 *
 * @param wasm the backend
 * @param values `[C]` each
 * @param use gets the bytes of a table, and byte offsets of the tables
 * @returns what `use` returns
 */
export function withTables<T>(
  wasm: Wasm,
  values: readonly ArrayLike<number>[],
  use: (period: number, ...tables: number[]) => T,
): T {
  const channels = values[0]!.length;
  let repeats = 1;
  while (channels * repeats % (UNROLL * LANES) !== 0) repeats *= 2;
  return withScratch(wasm, values.map(() => repeats * channels), (...tables) => {
    values.forEach((value, i) => {
      const table = floatsAt(wasm, tables[i]!, repeats * channels);
      for (let r = 0; r < repeats; r++) table.set(value, r * channels);
    });
    return use(repeats * channels * FLOAT, ...tables);
  });
}
