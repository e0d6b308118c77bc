import process from "node:process";
import * as tf from "@tensorflow/tfjs";
import { device, type Side, swapIn } from "./sides.ts";

/** One computation, on every side that can do it. */
export interface Case {
  readonly name: string;
  /** Multiplications and additions; none where memory bounds it. */
  readonly flop?: number;
  /** Bytes that must be read and written. */
  readonly bytes?: number;
  /** Computes; its tensors are disposed. */
  readonly sides: Readonly<Partial<Record<Side, () => void>>>;
}

/** Milliseconds a measurement lasts at least, and how many repeats it has at most: a queue holds them all. */
const LEAST_MS = 30, MOST_REPEATS = 512;

/**
 * Times one computation, the sides in turn, and takes the least of each: other programs only ever add to it. On an adapter that
 * computes on the CPU it is processor time, on a GPU time by the clock.
 *
 * @param sides what to time
 * @param rounds measurements a side
 * @returns milliseconds by side
 */
export async function time(
  sides: Case["sides"],
  rounds: number,
): Promise<Partial<Record<Side, number>>> {
  const all = (Object.entries(sides) as [Side, () => void][])
    .map(([side, run]) => ({ side, run, repeats: 1, ms: Infinity }));
  // The first round compiles, the second tells how many repeats the others take.
  for (let round = -2; round < rounds; round++) {
    for (const one of all) {
      swapIn(one.side);
      const ms = await once(one.run, one.repeats);
      if (round >= 0) one.ms = Math.min(one.ms, ms);
      else if (round === -1) one.repeats = await enough(one.run, ms);
    }
  }
  return Object.fromEntries(all.map(({ side, ms }) => [side, ms]));
}

/** How many repeats last long enough. Of few short ones most of the time is waiting for the device, hence some tries. */
async function enough(run: () => void, ms: number): Promise<number> {
  let repeats = 1;
  for (let each = ms; each * repeats < LEAST_MS && repeats < MOST_REPEATS;) {
    const wanted = Math.ceil(LEAST_MS / Math.max(each, 1e-2));
    repeats = Math.min(Math.max(wanted, 2 * repeats), MOST_REPEATS);
    each = await once(run, repeats);
  }
  return repeats;
}

async function once(run: () => void, repeats: number): Promise<number> {
  await device.check();
  const usage = process.cpuUsage(), began = performance.now();
  for (let i = 0; i < repeats; i++) tf.tidy(run);
  await device.check();
  const { user, system } = process.cpuUsage(usage);
  return (device.software ? (user + system) / 1e3 : performance.now() - began) / repeats;
}
