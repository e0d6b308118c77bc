import process from "node:process";

/** Source of time. */
export interface Clock {
  /** Wall-clock milliseconds from an arbitrary start. */
  wall(): number;
  /** CPU milliseconds of all threads of this process, from an arbitrary start. */
  processor(): number;
}

/** The operating system's clocks. */
export const systemClock: Clock = {
  wall: () => performance.now(),
  processor() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e3;
  },
};
