import { type Access, ACCESSES, advance, atLeast, FLOAT, LANES, lessen } from "./code_builders.ts";
import { floatsAt, type Wasm, withScratch } from "./heap.ts";
import { type Code, i32, repeatWhile, when } from "./instructions.ts";
import type { FunctionBuilder, Local } from "./module.ts";

/**
 * Loops over several arrays `[…,C]` together, and over tables of their channels, which restart at their end: see {@linkcode withTables}.
 *
 * @param f the function that the loop belongs to
 * @param period bytes of a table, a whole number of vectors
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
  return ACCESSES.map((access) =>
    repeatWhile(atLeast(length, access.floats), [
      step(at.get, access),
      ...[...streams, at].map((local) => advance(local, access.floats * FLOAT)),
      when(i32.isZero(i32.subtract(at.get, period.get)), [at.set(i32.constant(0))]),
      lessen(length, access.floats),
    ])
  );
}

/**
 * Puts per-channel values on the heap, repeated until they fill whole SIMD vectors.
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
  const repeats = channels % LANES === 0 ? 1 : channels % 2 === 0 ? 2 : LANES;
  return withScratch(wasm, values.map(() => repeats * channels), (...tables) => {
    values.forEach((value, i) => {
      const table = floatsAt(wasm, tables[i]!, repeats * channels);
      for (let r = 0; r < repeats; r++) table.set(value, r * channels);
    });
    return use(repeats * channels * FLOAT, ...tables);
  });
}
