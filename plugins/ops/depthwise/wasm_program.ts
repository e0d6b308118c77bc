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
} from "../wasm/code_builders.ts";
import { type Code, f32x4, i32, repeatWhile } from "../wasm/instructions.ts";
import { FunctionBuilder, type Local } from "../wasm/module.ts";
import { defineWasmProgram, type Functions, type WasmProgram } from "../wasm/program.ts";

/** Taps per row and rows of taps. */
export const SIDE = 3, TAPS = SIDE * SIDE;

/**
 * A run of output pixels of one row: addresses of the input pixels under the first one's leftmost taps (of as many rows as there are),
 * bytes per pixel (all channels of one), weights or sums `[C/4][9][4]` then `[C%4][9]`, see `packTaps()`, and the output's pixels.
 */
export type RunArguments = readonly [
  row0: number,
  row1: number,
  row2: number,
  pixelBytes: number,
  taps: number,
  output: number,
  pixels: number,
  channels: number,
];

/** Depthwise 3x3 convolutions of some steps; i and j count the rows and taps that are present. */
export interface DepthwiseProgram {
  /** output[spread·p][c] = Σ_ij row_i[stride·p + dilation·j][c] · weights[3·rows[i] + taps[j]][c]. */
  convolve(...run: RunArguments): void;
  /** The same; what is written is clamp(sum · scale + shift, low, high), channels' tables by address. */
  convolveAndClamp(
    ...run: [...RunArguments, scale: number, shift: number, low: number, high: number]
  ): void;
  /** sums[3·rows[i] + taps[j]][c] += Σ_p row_i[stride·p + dilation·j][c] · output[spread·p][c]. */
  correlate(...run: RunArguments): void;
}

/** What functions are built for. */
export interface Steps {
  /** Input pixels between the pixels of the output. */
  readonly stride: number;
  /** Input pixels between taps. */
  readonly dilation: number;
  /** Distance of the output's pixels. */
  readonly spread: number;
  /** Which of the filter's rows, at least one. */
  readonly rows: readonly number[];
  /** Which of its columns, at least one. */
  readonly taps: readonly number[];
}

/**
 * Output pixels that are computed together: their sums, or their gradients, stay in registers, each input pixel is loaded once for all of
 * them, and each weight once. With nine sums of weights and a pixel of the input, 14 of x86's 16 vector registers are used.
 */
const TOGETHER = 4;

const programs = new Map<number, WasmProgram<DepthwiseProgram>>();

/** A list of rows or columns as a number. */
function coded(list: readonly number[]): number {
  return list.reduce((code, one) => code * (SIDE + 1) + one + 1, 0);
}

/** Steps as a number: it is asked for with every run of a row's part. */
function keyOf({ stride, dilation, spread, rows, taps }: Steps): number {
  const lists = (SIDE + 1) ** SIDE;
  return [dilation, spread, stride].reduce(
        (key, step) => key * 2 ** 12 + step,
        0,
      ) * lists ** 2 + coded(rows) * lists + coded(taps);
}

/**
 * @param steps what the functions are built for
 * @returns the program, the same one for equal steps, compiled at its first call
 */
export function depthwiseSteps(steps: Steps): WasmProgram<DepthwiseProgram> {
  const key = keyOf(steps);
  const known = programs.get(key);
  if (known !== undefined) return known;
  const program = defineWasmProgram<DepthwiseProgram>((relaxed): Functions => {
    const multiplyAdd = multiplyAddOf(relaxed);
    return {
      convolve: convolve(steps, multiplyAdd),
      convolveAndClamp: convolve(steps, multiplyAdd, true),
      correlate: correlate(steps, multiplyAdd),
    };
  });
  programs.set(key, program);
  return program;
}

/** Parameters of both functions. */
function runParameters(f: FunctionBuilder) {
  const [row0, row1, row2, pixel, taps, output, pixels, channels] = locals(
    8,
    () => f.parameter("i32"),
  );
  return { rows: [row0, row1, row2], pixel, taps, output, pixels, channels } as const;
}

/** Visits the input pixels of a row that some output pixels read, from left to right, each with the pairs of output and tap. */
function eachColumn(
  f: FunctionBuilder,
  { stride, dilation, taps }: Steps,
  count: number,
  pixel: Local,
) {
  const pairs = times(count, (p) => taps.map((_, j) => ({ p, j, at: p * stride + j * dilation })))
    .flat();
  const columns = [...Map.groupBy(pairs, ({ at }) => at)].toSorted(([a], [b]) => a - b);
  const reader = f.local("i32");
  return (
    row: Local,
    { load }: Access,
    x: Local,
    use: (output: number, tap: number) => Code,
  ): Code[] => [
    reader.set(row.get),
    ...columns.map(([at, uses], k) => {
      const gap = (columns[k + 1]?.[0] ?? at) - at;
      return [
        ...x.set(load(reader.get)),
        ...uses.flatMap(({ p, j }) => use(p, j)),
        ...gap === 0 ? [] : forward(reader, pixel, gap),
      ];
    }),
  ];
}

/** Blocks of pixels in the outer loop, channels in the inner: memory is read and written in its order. */
function convolve(steps: Steps, multiplyAdd: MultiplyAdd, clamps = false): FunctionBuilder {
  const f = new FunctionBuilder();
  const { rows, pixel, taps, output, pixels, channels } = runParameters(f);
  const clamp = clamps ? clampOf(f, multiplyAdd) : undefined;
  const readers = steps.rows.map(() => f.local("i32"));
  const [weight, to, writer, left] = locals(4, () => f.local("i32"));
  const factors = steps.taps.map(() => f.local("v128")), x = f.local("v128");
  const sums = times(TOGETHER, () => f.local("v128"));
  const block = (count: number): Code => {
    const columns = eachColumn(f, steps, count, pixel);
    const one = (access: Access): Code[] => {
      const { floats, load, store } = access;
      return [
        ...readers.flatMap((reader, i) => [
          factors.flatMap((factor, j) =>
            factor.set(load(weight.get, tapOf(steps, i, j) * floats * FLOAT))
          ),
          ...columns(reader, access, x, (p, j) => {
            const sum = sums[p]!, factor = factors[j]!.get;
            return sum.set(
              i + j === 0 ? f32x4.multiply(x.get, factor) : multiplyAdd(x.get, factor, sum.get),
            );
          }),
        ]),
        writer.set(to.get),
        clamp ? clamp.load(access) : [],
        ...times(count, (p) => [
          ...store(writer.get, clamp ? clamp.apply(sums[p]!.get) : sums[p]!.get),
          ...p + 1 < count ? forward(writer, pixel, steps.spread) : [],
        ]),
        ...[...readers, to].map((local) => advance(local, floats * FLOAT)),
        advance(weight, TAPS * floats * FLOAT),
        lessen(left, floats),
      ];
    };
    return repeatWhile(atLeast(pixels, count), [
      ...readers.map((reader, i) => reader.set(rows[i]!.get)),
      weight.set(taps.get),
      clamp ? clamp.begin : [],
      to.set(output.get),
      left.set(channels.get),
      ...ACCESSES.map((access) => repeatWhile(atLeast(left, access.floats), one(access))),
      ...rows.map((row) => forward(row, pixel, count * steps.stride)),
      forward(output, pixel, count * steps.spread),
      lessen(pixels, count),
    ]);
  };
  // With a stride, neighbours share little, and the fewer streams are read at a time, the better memory keeps up.
  const counts = steps.stride === 1 ? [TOGETHER, 2, 1] : [2, 1];
  return f.body(clamp ? clamp.bounds : [], ...counts.map(block));
}

/** What is done with sums before they are written: parameters behind those of a run, and the code. */
function clampOf(f: FunctionBuilder, multiplyAdd: MultiplyAdd) {
  const tables = locals(2, () => f.parameter("i32"));
  const [low, high] = locals(2, () => f.parameter("f32"));
  const readers = locals(2, () => f.local("i32"));
  const [factor, term, least, most] = locals(4, () => f.local("v128"));
  return {
    /** Once. */
    bounds: [...least.set(f32x4.splat(low.get)), ...most.set(f32x4.splat(high.get))],
    /** Before the first channel. */
    begin: readers.flatMap((reader, i) => reader.set(tables[i]!.get)),
    /** Before some channels' sums are written. */
    load: ({ floats, load }: Access): Code => [
      ...factor.set(load(readers[0].get)),
      ...term.set(load(readers[1].get)),
      ...readers.flatMap((reader) => advance(reader, floats * FLOAT)),
    ],
    apply: (sum: Code): Code =>
      f32x4.min(f32x4.max(multiplyAdd(sum, factor.get, term.get), least.get), most.get),
  };
}

/** Channels in the outer loop: their sums stay in registers over the whole run. */
function correlate(steps: Steps, multiplyAdd: MultiplyAdd): FunctionBuilder {
  const f = new FunctionBuilder();
  const { rows, pixel, taps, output, pixels, channels } = runParameters(f);
  const readers = steps.rows.map(() => f.local("i32"));
  const [from, left] = locals(2, () => f.local("i32"));
  const present = steps.rows.flatMap((_, i) => steps.taps.map((_, j) => tapOf(steps, i, j)));
  const sums = present.map(() => f.local("v128")), x = f.local("v128");
  const slopes = times(TOGETHER, () => f.local("v128"));
  const block = (count: number, access: Access): Code => {
    const columns = eachColumn(f, steps, count, pixel);
    return repeatWhile(atLeast(left, count), [
      ...slopes.slice(0, count).flatMap((slope) => [
        slope.set(access.load(from.get)),
        forward(from, pixel, steps.spread),
      ]),
      ...readers.flatMap((reader, i) =>
        columns(reader, access, x, (p, j) => {
          const sum = sums[i * steps.taps.length + j]!;
          return sum.set(multiplyAdd(x.get, slopes[p]!.get, sum.get));
        })
      ),
      ...readers.map((reader) => forward(reader, pixel, count * steps.stride)),
      lessen(left, count),
    ]);
  };
  const all = (access: Access): Code => {
    const { floats, load, store } = access, bytes = floats * FLOAT;
    return repeatWhile(atLeast(channels, floats), [
      ...readers.map((reader, i) => reader.set(rows[i]!.get)),
      from.set(output.get),
      left.set(pixels.get),
      ...sums.map((sum, i) => sum.set(load(taps.get, present[i]! * bytes))),
      block(TOGETHER, access),
      block(2, access),
      block(1, access),
      ...sums.map((sum, i) => store(taps.get, sum.get, present[i]! * bytes)),
      ...[...rows, output].map((local) => advance(local, bytes)),
      advance(taps, TAPS * bytes),
      lessen(channels, floats),
    ]);
  };
  return f.body(...ACCESSES.map(all));
}

/** Advances an address by some pixels. */
function forward(local: Local, pixel: Local, count: number): Code {
  const step = count === 1 ? pixel.get : i32.multiply(pixel.get, i32.constant(count));
  return local.set(i32.add(local.get, step));
}

/** The tap of a row and a column, among all of the filter. */
function tapOf({ rows, taps }: Steps, row: number, column: number): number {
  return rows[row]! * SIDE + taps[column]!;
}
