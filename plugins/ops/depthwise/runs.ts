import type { ConvGeometry } from "../conv/geometry.ts";
import { FLOAT } from "../wasm/code_builders.ts";
import type { Wasm } from "../wasm/heap.ts";
import { type Axis, type OutputClass, segmentsOf } from "./axis.ts";
import { type DepthwiseProgram, depthwiseSteps, SIDE } from "./wasm_program.ts";

/** Neighbouring rows or columns of an output that are read by the same taps, all of which read inside of the image. */
interface Outputs {
  /** The first one's place. */
  readonly first: number;
  /** From one to the next. */
  readonly step: number;
  readonly count: number;
  /** Where the first one's taps read. */
  readonly reads: readonly number[];
  /** Places read from one to the next. */
  readonly stride: number;
  readonly taps: readonly number[];
}

/** Rows of an output, and the columns of each. */
interface Rows extends Outputs {
  readonly runs: readonly (Outputs & {
    /** Functions for the taps that read the image; undefined where all are in the padding. */
    readonly program: DepthwiseProgram | undefined;
  })[];
}

/** How an image is read and written, run by run. */
export interface RunPlan {
  /** `[N,H,W,C]` of what is read and of what is written. */
  readonly from: readonly [number, number, number, number];
  readonly to: readonly [number, number, number, number];
  readonly rows: readonly Rows[];
}

/**
 * Neighbouring output pixels of a row, or every `spread`th, whose taps all read pixels of the image: functions of these taps, undefined
 * where all are in the padding; byte offsets of the first pixel's leftmost tap in the rows that are read, 0 behind them; bytes before
 * the first output pixel. Numbers, not an object: there are thousands in a step.
 */
export type VisitRun = (
  program: DepthwiseProgram | undefined,
  row0: number,
  row1: number,
  row2: number,
  to: number,
  pixels: number,
  spread: number,
) => void;

function outputsOf(classes: readonly OutputClass[], length: number): Outputs[] {
  return classes.flatMap((outputs) =>
    segmentsOf(outputs, length).map(({ from, end, readings }) => ({
      ...{ first: outputs.first + outputs.step * from, step: outputs.step, count: end - from },
      reads: readings.map(({ offset }) => from * outputs.stride + offset),
      ...{ stride: outputs.stride, taps: readings.map(({ tap }) => tap) },
    }))
  );
}

/**
 * Splits a convolution into runs: at the borders of the image, fewer taps read it.
 *
 * @param wasm the backend
 * @param geometry of a convolution with 3x3 taps
 * @param of gives an axis's classes
 * @param from shape of what is read
 * @param to shape of what is written
 * @returns the runs
 */
export function planRuns(
  wasm: Wasm,
  { input, output, stride, dilation, pad }: ConvGeometry,
  of: (axis: Axis) => readonly OutputClass[],
  from: RunPlan["from"],
  to: RunPlan["to"],
): RunPlan {
  const axis = (i: 0 | 1): Axis => ({
    ...{ taps: SIDE, stride: stride[i], dilation: dilation[i], pad: pad[i][0] },
    ...{ input: input[i + 1]!, output: output[i + 1]! },
  });
  const down = outputsOf(of(axis(0)), from[1]), across = outputsOf(of(axis(1)), from[2]);
  const programOf = (row: Outputs, { stride, step, reads, taps }: Outputs) => {
    if (row.taps.length === 0 || taps.length === 0) return undefined;
    const dilation = taps.length > 1 ? reads[1]! - reads[0]! : 0;
    return depthwiseSteps({ stride, spread: step, dilation, rows: row.taps, taps }).on(wasm);
  };
  const rows = down.map((row): Rows => ({
    ...row,
    runs: across.map((column) => ({ ...column, program: programOf(row, column) })),
  }));
  return { from, to, rows };
}

/**
 * Goes through the runs of a convolution, row by row.
 *
 * @param plan of the runs
 * @param image byte offset of what is read
 * @param visit gets each run
 */
export function eachRun(
  { from: [samples, height, width, channels], to, rows }: RunPlan,
  image: number,
  visit: VisitRun,
): void {
  const pixel = channels * FLOAT, line = width * pixel;
  for (let n = 0; n < samples; n++) {
    const sample = image + n * height * line;
    for (const { first, step, count, reads, stride, runs } of rows) {
      const [a = 0, b = 0, c = 0] = reads, taken = reads.length;
      for (let q = 0; q < count; q++) {
        const y = q * stride;
        const row = (n * to[1] + first + step * q) * to[2];
        const [above, middle, below] = [a + y, b + y, c + y];
        for (const run of runs) {
          const left = sample + (run.reads[0] ?? 0) * pixel;
          visit(
            run.program,
            taken > 0 ? left + above * line : 0,
            taken > 1 ? left + middle * line : 0,
            taken > 2 ? left + below * line : 0,
            (row + run.first) * pixel,
            run.count,
            run.step,
          );
        }
      }
    }
  }
}
