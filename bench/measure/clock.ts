import process from "node:process";

/** What time is read from. */
export interface Clock {
  /** Milliseconds by the clock, from any beginning. */
  wall(): number;
  /** Milliseconds of the processor, of all threads of this process, from any beginning. */
  processor(): number;
}

/** The machine's own. */
export const systemClock: Clock = {
  wall: () => performance.now(),
  processor() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e3;
  },
};
