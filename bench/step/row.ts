import { userError } from "seamstress";
import { digits } from "../measure/digits.ts";
import type { Measured } from "../measure/sample.ts";
import { type Arithmetic, disagreement, TOLERANCES } from "./agreement.ts";
import type { Size } from "./problem.ts";
import { LOSSES } from "./seam_losses.ts";

/** Time and memory of a step in one implementation. */
export interface Taken {
  /** Wall-clock time, minimum over the rounds. */
  readonly seconds: number;
  /** CPU time of all threads, minimum over the rounds. */
  readonly cpuSeconds: number;
  /** By what `measured` says. */
  readonly imagesPerSecond: number;
  /**
   * Peak bytes: on WebGPU buffers in use, on wasm tensors, on CUDA tensors; of PyTorch on the CPU what the process's resident
   * memory grew by. Parameters are in it.
   */
  readonly peakBytes: number;
  /** With the free buffers that a backend keeps for later; wasm's heap. */
  readonly backendBytes?: number;
  /** Where it is not the backend's. */
  readonly device?: string;
  /** Which its ratio compares it with, where that is not the first. */
  readonly against?: string;
}

/** One line of bench/results/step.json. */
export interface StepRow {
  /** A later run of the same replaces it. */
  readonly what: string;
  readonly width: number;
  readonly crop: number;
  readonly batch: number;
  readonly micro: number;
  readonly measured: Measured;
  readonly implementations: Readonly<Record<string, Taken>>;
  /** Speed of the implementation that each other is compared with, relative to it; above 1 where the other is slower. */
  readonly ratio: Readonly<Record<string, number>>;
  /** Peak memory of the first divided by each other's. */
  readonly memoryRatio: Readonly<Record<string, number>>;
  /** Of the first step. */
  readonly losses: Readonly<Record<string, number>>;
  /** Of a loss in the compared steps, from the first's. */
  readonly largestDifference: Readonly<Record<string, number>>;
  readonly madeWith: Readonly<Record<string, unknown>>;
}

/** An implementation that was measured. */
export interface MeasuredImplementation {
  readonly name: string;
  readonly arithmetic: Arithmetic;
  /** Of each compared step. */
  readonly losses: readonly (readonly number[])[];
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly backendBytes?: number;
  readonly device?: string;
  /** Name of the implementation that its time is compared with; the first unless given. */
  readonly against?: string;
}

/**
 * Makes a line of the results.
 *
 * @param all implementations, the one that the others are compared with first
 * @param size of the step
 * @param made by what, and what was measured
 * @returns the line
 * @throws {RangeError} a user error, where losses differ, which makes the times meaningless
 */
export function stepRow(
  all: readonly MeasuredImplementation[],
  size: Size,
  made: Pick<StepRow, "what" | "measured" | "madeWith">,
): StepRow {
  const [reference, ...others] = all as readonly [
    MeasuredImplementation,
    ...MeasuredImplementation[],
  ];
  const apart = others.map(({ name, losses, arithmetic }) => ({
    name,
    ...disagreement(reference.losses, losses, arithmetic),
  }));
  const wrong = apart.filter(({ agrees }) => !agrees);
  if (wrong.length > 0) {
    const table = all.map(({ name, losses }) => `${name}: ${JSON.stringify(losses)}`).join("\n");
    throw userError(
      new RangeError(
        `Cannot report times: the losses ${LOSSES.join(", ")} of ${
          wrong.map(({ name }) => name).join(" and ")
        } differ from those of ${reference.name} by more than ${
          JSON.stringify(TOLERANCES)
        }\n${table}`,
      ),
    );
  }
  const seconds = (one: MeasuredImplementation) =>
    made.measured === "processor time" ? one.cpuSeconds : one.seconds;
  const own = ({ against }: MeasuredImplementation) =>
    all.find(({ name }) => name === against) ?? reference;
  const byName = <T>(of: (one: MeasuredImplementation) => T, all = others): Record<string, T> =>
    Object.fromEntries(all.map((one) => [one.name, of(one)]));
  return {
    ...{ what: made.what, ...size, measured: made.measured },
    implementations: byName((one): Taken => ({
      seconds: digits(one.seconds),
      cpuSeconds: digits(one.cpuSeconds),
      imagesPerSecond: digits(size.batch / seconds(one)),
      peakBytes: one.peakBytes,
      ...one.backendBytes !== undefined && { backendBytes: one.backendBytes },
      ...one.device !== undefined && { device: one.device },
      ...one.against !== undefined && { against: one.against },
    }), [...all]),
    ratio: byName((one) => digits(seconds(one) / seconds(own(one)))),
    memoryRatio: byName((one) => digits(reference.peakBytes / one.peakBytes)),
    losses: Object.fromEntries(LOSSES.map((name, k) => [name, reference.losses[0]![k]!])),
    largestDifference: Object.fromEntries(
      apart.map(({ name, largest }) => [name, digits(largest)]),
    ),
    madeWith: made.madeWith,
  };
}
