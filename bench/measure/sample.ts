import { type Clock, systemClock } from "./clock.ts";

/** A computation whose time is measured. */
export interface Work {
  /** Prepares the computation, untimed: registers its kernels. */
  prepare?(): unknown;
  /** Computes once, or launches that on a device. */
  run(): unknown;
  /** Waits for all launched work; timed. */
  settle?(): Promise<unknown>;
}

/** Times of one computation, in milliseconds. */
export interface Sample {
  /** Wall-clock time. */
  readonly wall: number;
  /** CPU time of all threads of the process that computes. */
  readonly processor: number;
}

/** A computation of another process, which says itself what it took. */
export interface TimedWork {
  /** Computes once. */
  timed(): Promise<Sample>;
}

/** Which of both is compared: other programs increase wall-clock time, and CPU time does not include a GPU's work or waiting. */
export type Measured = "processor time" | "wall time";

/** What is recorded and published: the machine must be idle. */
export const RECORDED: Measured = "wall time";

/** How long a measurement lasts. */
export interface Length {
  /** Minimum milliseconds, so that the clock's resolution does not matter; default 30. */
  readonly leastMs?: number;
  /** Maximum number of repeats, all of which are queued on the device; default 512. */
  readonly mostRepeats?: number;
}

/** Prepares a computation, and waits for work that was launched before. */
export async function ready(work: Work): Promise<void> {
  await work.prepare?.();
  await work.settle?.();
}

/** Runs a computation repeatedly, and waits for the results: this is what is timed. */
export async function compute(work: Work, repeats: number): Promise<void> {
  for (let i = 0; i < repeats; i++) {
    const result = work.run();
    // Awaiting a value that is not a promise would add time.
    if (result instanceof Promise) await result;
  }
  await work.settle?.();
}

/**
 * Takes one measurement.
 *
 * @param work the computation; it is prepared, and earlier work is awaited, untimed; another process's is computed once
 * @param repeats number of computations
 * @param clock default: the operating system's clocks
 * @returns the mean times of one computation
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { sample } from "./sample.ts";
 * const { wall } = await sample({ run: () => new Promise((done) => setTimeout(done, 4)) }, 2);
 * assert(wall > 3);
 * ```
 */
export async function sample(
  work: Work | TimedWork,
  repeats = 1,
  clock: Clock = systemClock,
): Promise<Sample> {
  if ("timed" in work) return await work.timed();
  await ready(work);
  const wall = clock.wall(), processor = clock.processor();
  await compute(work, repeats);
  return {
    wall: (clock.wall() - wall) / repeats,
    processor: (clock.processor() - processor) / repeats,
  };
}

/** @returns the milliseconds of a sample that are compared */
export function counted({ wall, processor }: Sample, measured: Measured): number {
  return measured === "processor time" ? processor : wall;
}

/**
 * Finds a number of repeats that takes long enough. It iterates, since with few short repeats most of the time is waiting for
 * the device.
 *
 * @param work what is measured
 * @param first times of one computation
 * @param measured which time has to be long enough
 * @param length of a measurement
 * @param clock default: the operating system's clocks
 * @returns at least 1; of another process's work 1
 */
export async function enoughRepeats(
  work: Work | TimedWork,
  first: Sample,
  measured: Measured,
  { leastMs = 30, mostRepeats = 512 }: Length = {},
  clock: Clock = systemClock,
): Promise<number> {
  let repeats = 1;
  if ("timed" in work) return repeats;
  for (let each = counted(first, measured); each * repeats < leastMs && repeats < mostRepeats;) {
    const wanted = Math.ceil(leastMs / Math.max(each, 1e-2));
    repeats = Math.min(Math.max(wanted, 2 * repeats), mostRepeats);
    each = counted(await sample(work, repeats, clock), measured);
  }
  return repeats;
}
