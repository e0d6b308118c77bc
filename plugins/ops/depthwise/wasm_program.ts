import { defineWasmProgram, type Functions } from "../wasm/program.ts";
import { type Code, f32x4, i32, repeatWhile } from "../wasm/instructions.ts";
import { FunctionBuilder } from "../wasm/module.ts";
import {
  type Access,
  ACCESSES,
  advance,
  atLeast,
  FLOAT,
  lessen,
  locals,
  type MultiplyAdd,
  multiplyAddOf,
  times,
  VECTOR,
} from "../wasm/code_builders.ts";

/** Functions of depthwise convolutions; addresses and steps in bytes. */
export interface DepthwiseProgram {
  /**
   * sums[t][c] += Σ_p x[p · xStep + t · tapStep][c] · dy[p · dyStep][c] for one tap t; there may be no pixels. The sums of
   * successive taps are dyStep apart too, which is one pixel of C channels.
   */
  correlate1(...row: CorrelateArguments): void;
  /** The same for three taps, which share each load of dy. */
  correlate3(...row: CorrelateArguments): void;
  /**
   * out[p][c] = Σ_ij row_i[p · step + j · tapStep][c] · weights[3i + j][c], for a number of pixels; `out` and `weights` have
   * `channels` floats per pixel and per tap.
   */
  convolve3x3(
    row0: number,
    row1: number,
    row2: number,
    step: number,
    tapStep: number,
    weights: number,
    out: number,
    pixels: number,
    channels: number,
  ): void;
}

/** Arguments of the correlate functions. */
export type CorrelateArguments = readonly [
  x: number,
  xStep: number,
  tapStep: number,
  dy: number,
  dyStep: number,
  pixels: number,
  channels: number,
  sums: number,
];

/**
 * Vectors of channels that are summed at a time: with three taps this gives six registers of sums, enough to hide the additions'
 * latency.
 */
const BLOCK = 2;

/**
 * Builds depthwise convolutions.
 *
 * @param relaxed whether to use relaxed SIMD's multiply-add
 * @returns the functions of {@linkcode DepthwiseProgram} by name
 */
function depthwiseFunctions(relaxed: boolean): Functions {
  const multiplyAdd = multiplyAddOf(relaxed);
  return {
    correlate1: correlate(1, multiplyAdd),
    correlate3: correlate(3, multiplyAdd),
    convolve3x3: convolve3x3(multiplyAdd),
  };
}

/** Channels in the outer loop, pixels of a row in the inner: sums stay in registers, and the rows in the L2 cache. */
function correlate(taps: number, multiplyAdd: MultiplyAdd): FunctionBuilder {
  const f = new FunctionBuilder();
  const [x, xStep, tapStep, dy, dyStep, pixels, channels, sums] = locals(
    8,
    () => f.parameter("i32"),
  );
  const [left, to] = locals(2, () => f.local("i32")), slope = f.local("v128");
  const readers = times(taps, () => f.local("i32")), from = f.local("i32");
  const totals = times(taps * BLOCK, () => f.local("v128"));
  const block = (vectors: number, { floats, load, store }: Access): Code => {
    const bytes = vectors * floats * FLOAT;
    const each = (use: (tap: number, vector: number) => Code) =>
      times(taps, (tap) => times(vectors, (vector) => use(tap, vector)).flat()).flat();
    const total = (tap: number, vector: number) => totals[tap * BLOCK + vector]!;
    return repeatWhile(atLeast(channels, vectors * floats), [
      readers[0]!.set(x.get),
      ...readers.slice(1).map((p, t) => p.set(i32.add(readers[t]!.get, tapStep.get))),
      from.set(dy.get),
      left.set(pixels.get),
      each((tap, vector) => total(tap, vector).set(f32x4.constant(0))),
      repeatWhile(left.get, [
        ...times(vectors, (vector) => [
          ...slope.set(load(from.get, vector * VECTOR)),
          ...readers.flatMap((p, tap) =>
            total(tap, vector).set(
              multiplyAdd(load(p.get, vector * VECTOR), slope.get, total(tap, vector).get),
            )
          ),
        ]),
        ...readers.map((p) => p.set(i32.add(p.get, xStep.get))),
        from.set(i32.add(from.get, dyStep.get)),
        lessen(left, 1),
      ]),
      to.set(sums.get),
      ...times(taps, (tap) => [
        ...times(vectors, (vector) =>
          store(
            to.get,
            f32x4.add(load(to.get, vector * VECTOR), total(tap, vector).get),
            vector * VECTOR,
          )).flat(),
        ...to.set(i32.add(to.get, dyStep.get)),
      ]),
      advance(x, bytes),
      advance(dy, bytes),
      advance(sums, bytes),
      lessen(channels, vectors * floats),
    ]);
  };
  const [wide, single] = ACCESSES as readonly [Access, Access];
  return f.body(block(BLOCK, wide), block(1, wide), block(1, single));
}

/** Four channels at a time: their nine weights stay in registers while a row of pixels is processed. */
function convolve3x3(multiplyAdd: MultiplyAdd): FunctionBuilder {
  const f = new FunctionBuilder();
  const rows = times(3, () => f.parameter("i32"));
  const [step, tapStep, weights, out, pixels, channels] = locals(6, () => f.parameter("i32"));
  const [pixel, at, to, left] = locals(4, () => f.local("i32"));
  const readers = times(9, () => f.local("i32")), factors = times(9, () => f.local("v128"));
  const sum = f.local("v128");
  const block = ({ floats, load, store }: Access): Code =>
    repeatWhile(atLeast(channels, floats), [
      at.set(weights.get),
      ...factors.flatMap((factor) => [
        factor.set(load(at.get)),
        at.set(i32.add(at.get, pixel.get)),
      ]),
      ...readers.map((reader, tap) =>
        reader.set(
          tap % 3 === 0 ? rows[tap / 3]!.get : i32.add(readers[tap - 1]!.get, tapStep.get),
        )
      ),
      to.set(out.get),
      left.set(pixels.get),
      repeatWhile(left.get, [
        sum.set(f32x4.multiply(load(readers[0]!.get), factors[0]!.get)),
        ...readers.slice(1).map((reader, i) =>
          sum.set(multiplyAdd(load(reader.get), factors[i + 1]!.get, sum.get))
        ),
        store(to.get, sum.get),
        ...readers.map((reader) => reader.set(i32.add(reader.get, step.get))),
        to.set(i32.add(to.get, pixel.get)),
        lessen(left, 1),
      ]),
      ...[...rows, weights, out].map((local) => advance(local, floats * FLOAT)),
      lessen(channels, floats),
    ]);
  return f.body(
    pixel.set(i32.multiply(channels.get, i32.constant(FLOAT))),
    ...ACCESSES.map(block),
  );
}

/** {@linkcode DepthwiseProgram}, compiled at the first call. */
export const depthwiseProgram = defineWasmProgram<DepthwiseProgram>(depthwiseFunctions);
