import { type Access, locals } from "../wasm/code_builders.ts";
import { type Code, f32x4, i32 } from "../wasm/instructions.ts";
import { FunctionBuilder, type Local } from "../wasm/module.ts";
import { periodically } from "../wasm/periodically.ts";
import { defineWasmProgram, type Functions } from "../wasm/program.ts";

/** Passes over one sample `[H·W,K]`; addresses and `period` in bytes, lengths in floats. Tables have the classes' values, see `withTables`. */
export interface MaxNormProgram {
  /** Updates the tables of extremes: most = max(most, x), least = min(least, x). */
  extremes(x: number, most: number, least: number, period: number, length: number): void;
  /** out = relu(relu(x) − least − epsilon) / range. */
  normalize(
    x: number,
    least: number,
    range: number,
    period: number,
    epsilon: number,
    out: number,
    length: number,
  ): void;
  /**
   * With a = relu(relu(x) − least − epsilon): out = dy / range where a > 0, else 0. Adds to the tables of sums: products += dy · a,
   * slopes += out.
   */
  gradient(
    x: number,
    dy: number,
    least: number,
    range: number,
    period: number,
    epsilon: number,
    products: number,
    slopes: number,
    out: number,
    length: number,
  ): void;
}

/** relu(relu(x) − least − epsilon), as three operations round it. */
function above(x: Code, least: Code, epsilon: Code): Code {
  const zero = f32x4.constant(0);
  // Zero comes second: where x is not a number, neither is the result.
  const positive = f32x4.max(x, zero);
  return f32x4.max(f32x4.subtract(f32x4.subtract(positive, least), epsilon), zero);
}

function extremes(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [x, most, least, period, length] = locals(5, () => f.parameter("i32"));
  const value = f.local("v128");
  return f.body(...periodically(f, period, length, [x], (at, { load, store }) => {
    const update = (table: Local, combine: (kept: Code, value: Code) => Code) => {
      const place = i32.add(table.get, at);
      return store(place, combine(load(place), value.get));
    };
    return [
      ...value.set(load(x.get)),
      ...update(most, f32x4.maxOrNaN),
      ...update(least, f32x4.min),
    ];
  }));
}

function normalize(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [x, least, range, period] = locals(4, () => f.parameter("i32"));
  const epsilon = f.parameter("f32");
  const [out, length] = locals(2, () => f.parameter("i32"));
  const offset = f.local("v128");
  const loop = periodically(f, period, length, [x, out], (at, { load, store }) => {
    const value = above(load(x.get), load(i32.add(least.get, at)), offset.get);
    return store(out.get, f32x4.divide(value, load(i32.add(range.get, at))));
  });
  return f.body(offset.set(f32x4.splat(epsilon.get)), ...loop);
}

function gradient(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [x, dy, least, range, period] = locals(5, () => f.parameter("i32"));
  const epsilon = f.parameter("f32");
  const [products, slopes, out, length] = locals(4, () => f.parameter("i32"));
  const [offset, a, dys] = locals(3, () => f.local("v128"));
  const add = (table: Local, at: Code, { load, store }: Access, value: Code) => {
    const place = i32.add(table.get, at);
    return store(place, f32x4.add(load(place), value));
  };
  const loop = periodically(f, period, length, [x, dy, out], (at, access) => {
    const { load, store } = access;
    return [
      ...dys.set(load(dy.get)),
      ...a.set(above(load(x.get), load(i32.add(least.get, at)), offset.get)),
      ...add(products, at, access, f32x4.multiply(dys.get, a.get)),
      ...dys.set(
        f32x4.and(
          f32x4.divide(dys.get, load(i32.add(range.get, at))),
          f32x4.less(f32x4.constant(0), a.get),
        ),
      ),
      ...add(slopes, at, access, dys.get),
      ...store(out.get, dys.get),
    ];
  });
  return f.body(offset.set(f32x4.splat(epsilon.get)), ...loop);
}

/** Builds the passes. @returns the functions of {@linkcode MaxNormProgram} by name */
function maxNormFunctions(): Functions {
  return { extremes: extremes(), normalize: normalize(), gradient: gradient() };
}

/** {@linkcode MaxNormProgram}, compiled at the first call. */
export const maxNormProgram = defineWasmProgram<MaxNormProgram>(maxNormFunctions);
