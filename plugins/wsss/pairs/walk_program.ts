import { advance, atLeast, lessen, locals } from "../../ops/wasm/code_builders.ts";
import { type Code, f64x2, i32, repeatWhile, when } from "../../ops/wasm/instructions.ts";
import { FunctionBuilder } from "../../ops/wasm/module.ts";
import { defineWasmProgram, type Functions, type WasmProgram } from "../../ops/wasm/program.ts";

/** Bytes of a double, of two, and of an integer. */
export const DOUBLE = 8, PAIR = 16, INTEGER = 4;

/** Passes of a random walk; addresses in bytes. */
export interface WalkProgram {
  /**
   * One step of two rows of scores, both scores of a pixel side by side.
   *
   * @param from scores before the step
   * @param to scores after it
   * @param counts `[columns]` integers: entries of each column
   * @param places of all entries, column after column: bytes from the first pixel's scores to those of the entry's row
   * @param values of all entries, doubles
   * @param columns number of them
   */
  step(
    from: number,
    to: number,
    counts: number,
    places: number,
    values: number,
    columns: number,
  ): void;
}

function step(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [from, to, counts, places, values, columns] = locals(6, () => f.parameter("i32"));
  const left = f.local("i32"), [even, odd] = locals(2, () => f.local("v128"));
  const term = (entry: number): Code => {
    const place = i32.add(from.get, i32.load(places.get, entry * INTEGER));
    return f64x2.multiply(f64x2.load(place), f64x2.loadSplat(values.get, entry * DOUBLE));
  };
  const entries = (count: number): Code => [
    ...advance(places, count * INTEGER),
    ...advance(values, count * DOUBLE),
    ...lessen(left, count),
  ];
  return f.body(repeatWhile(atLeast(columns, 1), [
    left.set(i32.load(counts.get)),
    even.set(f64x2.zero),
    odd.set(f64x2.zero),
    // Two sums, so that an addition need not wait for the one before.
    repeatWhile(atLeast(left, 2), [
      even.set(f64x2.add(even.get, term(0))),
      odd.set(f64x2.add(odd.get, term(1))),
      entries(2),
    ]),
    when(atLeast(left, 1), [even.set(f64x2.add(even.get, term(0))), entries(1)]),
    f64x2.store(to.get, f64x2.add(even.get, odd.get)),
    advance(to, PAIR),
    advance(counts, INTEGER),
    lessen(columns, 1),
  ]));
}

/** Builds the passes. @returns the functions of {@linkcode WalkProgram} by name */
function walkFunctions(): Functions {
  return { step: step() };
}

/** {@linkcode WalkProgram}, compiled once a memory. */
export const walkProgram: WasmProgram<WalkProgram> = defineWasmProgram<WalkProgram>(walkFunctions);
