import { type Clock, systemClock } from "./clock.ts";

/** Something whose time is measured. */
export interface Work {
  /** Makes ready what computes, untimed: registers its kernels. */
  prepare?(): unknown;
  /** Computes once, or launches that on a device. */
  run(): unknown;
  /** Waits for all that was launched; timed. */
  settle?(): Promise<unknown>;
}

/** What one computation took, in milliseconds. */
export interface Sample {
  /** By the clock. */
  readonly wall: number;
  /** Of the processor, all threads of this process. */
  readonly processor: number;
}

/** Which of both counts: other programs add to the clock's, and a GPU's work takes no processor. */
export type Measured = "processor time" | "time by the clock";

/** How long a measurement lasts. */
export interface Length {
  /** Milliseconds that it lasts at least, so that the clock's grain does not show; 30 where left out. */
  readonly leastMs?: number;
  /** Repeats that it has at most: a device's queue holds them all; 512 where left out. */
  readonly mostRepeats?: number;
}

/** Prepares something, and waits for what was launched before. */
export async function ready(work: Work): Promise<void> {
  await work.prepare?.();
  await work.settle?.();
}

/** Computes something as often as asked, and waits for it: what is timed. */
export async function compute(work: Work, repeats: number): Promise<void> {
  for (let i = 0; i < repeats; i++) {
    const result = work.run();
    // Awaiting what is there would take time of its own.
    if (result instanceof Promise) await result;
  }
  await work.settle?.();
}

/**
 * Measures something once.
 *
 * @param work what is measured; it is prepared, and what was launched before is waited for, untimed
 * @param repeats times that it computes
 * @param clock the machine's where left out
 * @returns what one of the repeats took
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { sample } from "./sample.ts";
 * const { wall } = await sample({ run: () => new Promise((done) => setTimeout(done, 4)) }, 2);
 * assert(wall > 3);
 * ```
 */
export async function sample(work: Work, repeats = 1, clock: Clock = systemClock): Promise<Sample> {
  await ready(work);
  const wall = clock.wall(), processor = clock.processor();
  await compute(work, repeats);
  return {
    wall: (clock.wall() - wall) / repeats,
    processor: (clock.processor() - processor) / repeats,
  };
}

/** @returns the milliseconds of a sample that count */
export function counted({ wall, processor }: Sample, measured: Measured): number {
  return measured === "processor time" ? processor : wall;
}

/**
 * Finds how many repeats last long enough. Of few short ones most of the time is waiting for the device, hence some tries.
 *
 * @param work what is measured
 * @param first what one took
 * @param measured which time has to be long enough
 * @param length of a measurement
 * @param clock the machine's where left out
 * @returns at least 1
 */
export async function enoughRepeats(
  work: Work,
  first: Sample,
  measured: Measured,
  { leastMs = 30, mostRepeats = 512 }: Length = {},
  clock: Clock = systemClock,
): Promise<number> {
  let repeats = 1;
  for (let each = counted(first, measured); each * repeats < leastMs && repeats < mostRepeats;) {
    const wanted = Math.ceil(leastMs / Math.max(each, 1e-2));
    repeats = Math.min(Math.max(wanted, 2 * repeats), mostRepeats);
    each = counted(await sample(work, repeats, clock), measured);
  }
  return repeats;
}
