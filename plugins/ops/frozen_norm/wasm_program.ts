import { defineWasmProgram, type Functions } from "../wasm/program.ts";
import { f32x4, i32 } from "../wasm/instructions.ts";
import { FunctionBuilder } from "../wasm/module.ts";
import { locals, type MultiplyAdd, multiplyAddOf } from "../wasm/code_builders.ts";
import { periodically } from "../wasm/periodically.ts";

/** Functions of a normalisation with fixed statistics; addresses in bytes, lengths in floats. */
export interface NormalizeProgram {
  /** out = clamp(x · scale + shift, low, high). Tables repeat after `period` bytes, a whole number of vectors. */
  normalize(
    x: number,
    scale: number,
    shift: number,
    period: number,
    low: number,
    high: number,
    out: number,
    length: number,
  ): void;
  /** out = dy · scale where low < y < high, else 0. */
  normalizeGradient(
    dy: number,
    y: number,
    scale: number,
    period: number,
    low: number,
    high: number,
    out: number,
    length: number,
  ): void;
  /** out = dy · scale. */
  scale(dy: number, scale: number, period: number, out: number, length: number): void;
}

/**
 * Builds batch norm with frozen statistics.
 *
 * @param relaxed whether to use relaxed SIMD's multiply-add
 * @returns the functions of {@linkcode NormalizeProgram} by name
 */
function normalizeFunctions(relaxed: boolean): Functions {
  return {
    normalize: normalize(multiplyAddOf(relaxed)),
    normalizeGradient: normalizeGradient(),
    scale: scale(),
  };
}

function normalize(multiplyAdd: MultiplyAdd): FunctionBuilder {
  const f = new FunctionBuilder();
  const [x, scale, shift, period] = locals(4, () => f.parameter("i32"));
  const [low, high] = locals(2, () => f.parameter("f32"));
  const [out, length] = locals(2, () => f.parameter("i32"));
  const [least, most] = locals(2, () => f.local("v128"));
  const loop = periodically(f, period, length, [x, out], (at, { load, store }) => {
    const value = multiplyAdd(
      load(x.get),
      load(i32.add(scale.get, at)),
      load(i32.add(shift.get, at)),
    );
    return store(out.get, f32x4.min(f32x4.max(value, least.get), most.get));
  });
  return f.body(least.set(f32x4.splat(low.get)), most.set(f32x4.splat(high.get)), ...loop);
}

function normalizeGradient(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [dy, y, scale, period] = locals(4, () => f.parameter("i32"));
  const [low, high] = locals(2, () => f.parameter("f32"));
  const [out, length] = locals(2, () => f.parameter("i32"));
  const [least, most, value] = locals(3, () => f.local("v128"));
  const loop = periodically(f, period, length, [dy, y, out], (at, { load, store }) => [
    ...value.set(load(y.get)),
    ...store(
      out.get,
      f32x4.and(
        f32x4.multiply(load(dy.get), load(i32.add(scale.get, at))),
        f32x4.and(f32x4.less(least.get, value.get), f32x4.less(value.get, most.get)),
      ),
    ),
  ]);
  return f.body(least.set(f32x4.splat(low.get)), most.set(f32x4.splat(high.get)), ...loop);
}

function scale(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [dy, scale, period, out, length] = locals(5, () => f.parameter("i32"));
  return f.body(
    ...periodically(
      f,
      period,
      length,
      [dy, out],
      (at, { load, store }) =>
        store(out.get, f32x4.multiply(load(dy.get), load(i32.add(scale.get, at)))),
    ),
  );
}

/** {@linkcode NormalizeProgram}, compiled at the first call. */
export const normalizeProgram = defineWasmProgram<NormalizeProgram>(normalizeFunctions);
