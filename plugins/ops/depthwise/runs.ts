import type { ConvGeometry } from "../conv/geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import type { Wasm } from "../wasm/heap.ts";
import { type Axis, type OutputClass, type Segment, segmentsOf } from "./axis.ts";
import { type DepthwiseProgram, depthwiseSteps, SIDE } from "./wasm_program.ts";

/** Neighbouring output pixels of a row, or every `spread`th, whose taps all read pixels of the image. */
export interface Run {
  /** Byte offsets of the first pixel's leftmost tap in the rows of `steps.rows`; 0 behind them. */
  readonly rows: readonly [number, number, number];
  /** Bytes before the first output pixel. */
  readonly to: number;
  readonly pixels: number;
  /** Distance of the output's pixels. */
  readonly spread: number;
  /** Functions for the taps that read the image; undefined where all are in the padding. */
  readonly program: DepthwiseProgram | undefined;
}

/** The image that is read, and what reads it. */
export interface RunPlan {
  /** `[N,H,W,C]` of what is read and of what is written. */
  readonly from: readonly [number, number, number, number];
  readonly to: readonly [number, number, number, number];
  readonly rows: readonly OutputClass[];
  readonly columns: readonly OutputClass[];
}

/**
 * @param geometry of a convolution with 3x3 taps
 * @param of gives an axis's classes
 * @returns those of rows and of columns
 */
export function classesOf(
  { input, output, stride, dilation, pad }: ConvGeometry,
  of: (axis: Axis) => readonly OutputClass[],
): [rows: readonly OutputClass[], columns: readonly OutputClass[]] {
  const axis = (i: 0 | 1): Axis => ({
    ...{ taps: SIDE, stride: stride[i], dilation: dilation[i], pad: pad[i][0] },
    ...{ input: input[i + 1]!, output: output[i + 1]! },
  });
  return [of(axis(0)), of(axis(1))];
}

/**
 * Splits a convolution into runs: at the borders of the image, fewer taps read it.
 *
 * @param wasm the backend
 * @param image byte offset of what is read
 * @param plan shapes and taps
 * @param visit gets each run
 * @param rowDone told the bytes before an output row of which all runs were visited
 */
export function eachRun(
  wasm: Wasm,
  image: number,
  { from: [samples, height, width, channels], to, rows, columns }: RunPlan,
  visit: (run: Run) => void,
  rowDone: (to: number) => void = () => {},
): void {
  const pixel = channels * FLOAT;
  const down = rows.flatMap((outputs) => cut(outputs, height));
  const across = columns.flatMap((outputs) => cut(outputs, width));
  const programOf = (row: Segment, { outputs, readings }: (typeof across)[number]) => {
    if (row.readings.length === 0 || readings.length === 0) return undefined;
    return depthwiseSteps({
      ...{ stride: outputs.stride, spread: outputs.step, dilation: spacing(readings) },
      rows: row.readings.map(({ tap }) => tap),
      taps: readings.map(({ tap }) => tap),
    }).on(wasm);
  };
  const pairs = down.map((row) => ({
    row,
    runs: across.map((column) => ({ column, program: programOf(row, column) })),
  }));
  for (let n = 0; n < samples; n++) {
    for (const { row, runs } of pairs) {
      for (let q = row.from; q < row.end; q++) {
        const line = (n * to[1] + row.outputs.first + row.outputs.step * q) * to[2];
        for (const { column, program } of runs) {
          const left = column.from * column.outputs.stride + (column.readings[0]?.offset ?? 0);
          const read = (i: number) => {
            const reading = row.readings[i];
            if (reading === undefined) return 0;
            const y = q * row.outputs.stride + reading.offset;
            return image + ((n * height + y) * width + left) * pixel;
          };
          visit({
            rows: [read(0), read(1), read(2)],
            to: (line + column.outputs.first + column.outputs.step * column.from) * pixel,
            pixels: column.end - column.from,
            spread: column.outputs.step,
            program,
          });
        }
        rowDone(line * pixel);
      }
    }
  }
}

function cut(outputs: OutputClass, length: number) {
  return segmentsOf(outputs, length).map((segment) => ({ outputs, ...segment }));
}

function spacing([first, second]: readonly { readonly offset: number }[]): number {
  return first && second ? second.offset - first.offset : 0;
}
