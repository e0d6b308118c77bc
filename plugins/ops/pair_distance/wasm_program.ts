import {
  type Access,
  ACCESSES,
  advance,
  atLeast,
  FLOAT,
  LANES,
  lessen,
  locals,
  VECTOR,
} from "../wasm/code_builders.ts";
import { type Code, f32x4, i32, repeatWhile } from "../wasm/instructions.ts";
import { FunctionBuilder, type Local } from "../wasm/module.ts";
import { defineWasmProgram, type Functions } from "../wasm/program.ts";

/** Passes over a row of first pixels `[pixels,C]`; addresses and steps in bytes. */
export interface PairDistanceProgram {
  /** out = share · Σ_c |a − b|, pixel by pixel; a result is `step` behind the one before. */
  distance(
    a: number,
    b: number,
    pixels: number,
    channels: number,
    share: number,
    out: number,
    step: number,
  ): void;
  /**
   * For each of the `offsets` bytes of a table, from a pixel x to another: adds share · dy · sign(x − other) to the pixel's gradient at
   * `out`, and takes it from the other's. `dy` has a value for each offset, pixel by pixel.
   */
  slopes(
    x: number,
    dy: number,
    table: number,
    offsets: number,
    pixels: number,
    channels: number,
    share: number,
    out: number,
  ): void;
}

/** Runs over the channels of a pixel: vectors, then single floats. */
function eachChannel(
  left: Local,
  channels: Local,
  accesses: readonly Access[],
  step: (access: Access) => Code,
): Code {
  return [
    ...left.set(channels.get),
    ...accesses.flatMap((access) =>
      repeatWhile(atLeast(left, access.floats), [step(access), lessen(left, access.floats)])
    ),
  ];
}

function distance(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [a, b, pixels, channels] = locals(4, () => f.parameter("i32"));
  const share = f.parameter("f32");
  const [out, step] = locals(2, () => f.parameter("i32"));
  const left = f.local("i32"), [even, odd] = locals(2, () => f.local("v128"));
  const apart = ({ load }: Access, offset = 0) =>
    f32x4.abs(f32x4.subtract(load(a.get, offset), load(b.get, offset)));
  const add = (sum: Local, value: Code) => sum.set(f32x4.add(sum.get, value));
  const [vector] = ACCESSES;
  // Two sums, so that an addition need not wait for the one before.
  const pairs: Access = { ...vector!, floats: 2 * LANES };
  return f.body(repeatWhile(atLeast(pixels, 1), [
    even.set(f32x4.constant(0)),
    odd.set(f32x4.constant(0)),
    eachChannel(left, channels, [pairs, ...ACCESSES], (access) => [
      ...add(even, apart(access)),
      ...access === pairs ? add(odd, apart(access, VECTOR)) : [],
      ...[a, b].flatMap((local) => advance(local, access.floats * FLOAT)),
    ]),
    add(even, odd.get),
    add(even, f32x4.rotate(even.get, 2)),
    add(even, f32x4.rotate(even.get, 1)),
    f32x4.storeFirst(out.get, f32x4.multiply(even.get, f32x4.splat(share.get))),
    out.set(i32.add(out.get, step.get)),
    lessen(pixels, 1),
  ]));
}

function slopes(): FunctionBuilder {
  const f = new FunctionBuilder();
  const [x, dy, table, offsets, pixels, channels] = locals(6, () => f.parameter("i32"));
  const share = f.parameter("f32"), out = f.parameter("i32");
  const [left, pair, slope, entry, other] = locals(5, () => f.local("i32"));
  const [part, own, sum, apart, pull] = locals(5, () => f.local("v128"));
  const eachOffset = ({ load, store }: Access) =>
    repeatWhile(atLeast(pair, 1), [
      other.set(i32.load(entry.get)),
      apart.set(f32x4.subtract(own.get, load(i32.add(x.get, other.get)))),
      // The factor with the difference's sign, 0 where they are equal.
      pull.set(f32x4.and(
        f32x4.unequal(apart.get, f32x4.constant(0)),
        f32x4.xor(
          f32x4.multiply(part.get, f32x4.loadSplat(slope.get)),
          f32x4.and(apart.get, f32x4.constant(-0)),
        ),
      )),
      sum.set(f32x4.add(sum.get, pull.get)),
      other.set(i32.add(out.get, other.get)),
      store(other.get, f32x4.subtract(load(other.get), pull.get)),
      advance(entry, FLOAT),
      advance(slope, FLOAT),
      lessen(pair, 1),
    ]);
  return f.body(
    part.set(f32x4.splat(share.get)),
    repeatWhile(atLeast(pixels, 1), [
      eachChannel(left, channels, ACCESSES, (access) => [
        ...own.set(access.load(x.get)),
        ...sum.set(f32x4.constant(0)),
        ...entry.set(table.get),
        ...slope.set(dy.get),
        ...pair.set(offsets.get),
        ...eachOffset(access),
        ...access.store(out.get, f32x4.add(access.load(out.get), sum.get)),
        ...[x, out].flatMap((local) => advance(local, access.floats * FLOAT)),
      ]),
      dy.set(slope.get),
      lessen(pixels, 1),
    ]),
  );
}

/** Builds the passes. @returns the functions of {@linkcode PairDistanceProgram} by name */
function pairDistanceFunctions(): Functions {
  return { distance: distance(), slopes: slopes() };
}

/** {@linkcode PairDistanceProgram}, compiled at the first call. */
export const pairDistanceProgram = defineWasmProgram<PairDistanceProgram>(pairDistanceFunctions);
