import process from "node:process";
import type { PeakMeter } from "../full_size/memory.ts";
import type { Problem } from "./problem.ts";
import type { Side, Sides } from "./sides.ts";

/** A side of this process, while it is measured. */
export interface Running {
  readonly side: Side;
  /** Of each compared step. */
  readonly losses: readonly (readonly number[])[];
  readonly peakBytes: number;
  readonly backendBytes: number;
  seconds: number;
  cpuSeconds: number;
}

/**
 * Takes two steps from the start, the second with its memory watched.
 *
 * @param side who computes
 * @param sides where it is swapped in
 * @param problem what is computed
 * @param meter of the backend
 * @returns the side, not yet timed
 */
export async function begin(
  side: Side,
  sides: Sides,
  problem: Problem,
  meter: PeakMeter,
): Promise<Running> {
  sides.swapIn(side);
  await problem.reset();
  const first = await problem.step(0, side === "recompute");
  await sides.info.check();
  sides.info.purge();
  const { result, peak } = await meter.measure(() => problem.step(1, side === "recompute"));
  await sides.info.check();
  return {
    side,
    losses: [first, result],
    peakBytes: peak.gpuBytesInUse ?? peak.tensorBytes,
    backendBytes: peak.backendBytes,
    seconds: Infinity,
    cpuSeconds: Infinity,
  };
}

/**
 * Times one more step; of several the least counts: other programs only ever add to it.
 *
 * @param running its times are set
 * @param sides where it is swapped in
 * @param problem what is computed
 */
export async function time(
  running: Running,
  { swapIn, info }: Sides,
  problem: Problem,
): Promise<void> {
  swapIn(running.side);
  await info.check();
  const usage = process.cpuUsage(), began = performance.now();
  await problem.step(0, running.side === "recompute");
  await info.check();
  const { user, system } = process.cpuUsage(usage);
  running.seconds = Math.min(running.seconds, (performance.now() - began) / 1e3);
  running.cpuSeconds = Math.min(running.cpuSeconds, (user + system) / 1e6);
}
