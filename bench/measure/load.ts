import os from "node:os";
import { userError } from "seamstress";
import { digits } from "./digits.ts";
import { systemClock } from "./clock.ts";

/** Share of the cores' time that other programs may take during a recorded measurement. */
export const MOST_OTHERS = 0.1;

/** Milliseconds that the machine is watched before a measurement. */
const WATCHED = 3000;

/** What a result says about the machine's other load. */
export interface LoadFound {
  /** Share of all cores' time that other programs took while it was measured, 0 to 1. */
  readonly othersShare: number;
  /** That `--busy` let it be recorded although others took more than {@linkcode MOST_OTHERS}. */
  readonly busy?: true;
}

/** Where processor time is read, in milliseconds from arbitrary starts. */
export interface LoadClock {
  readonly cores: number;
  wall(): number;
  /** Of all programs on all cores. */
  machine(): number;
  /** Of this process. */
  own(): number;
}

/** The operating system's; takes `--allow-sys=cpus`. */
const systemLoad: LoadClock = {
  get cores() {
    return os.cpus().length;
  },
  wall: systemClock.wall,
  machine: () =>
    os.cpus().reduce(
      (sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq,
      0,
    ),
  own: systemClock.processor,
};

/** Watches what other programs take of the processor. */
export class Load {
  #wall: number;
  #others: number;
  /** Of peers that this process started and that have ended. */
  #peers = 0;

  /**
   * Starts to watch.
   *
   * @param busy whether to record all the same, marked, where others take more than {@linkcode MOST_OTHERS}
   * @param clock default: the operating system's
   */
  constructor(readonly busy: boolean, readonly clock: LoadClock = systemLoad) {
    this.#wall = clock.wall();
    this.#others = this.#takenByOthers();
  }

  /**
   * Watches an idle machine before anything is measured.
   *
   * @param busy whether to go on where it is not idle
   * @returns the load, watched from then on
   * @throws {RangeError} a user error with the load found, where it is not idle
   */
  static async beforeMeasuring(busy: boolean): Promise<Load> {
    const before = new Load(busy);
    await new Promise((done) => setTimeout(done, WATCHED));
    before.found();
    return new Load(busy);
  }

  /** @returns processor milliseconds from an arbitrary start */
  #takenByOthers(): number {
    return this.clock.machine() - this.clock.own() - this.#peers;
  }

  /**
   * Counts a peer as this benchmark's own.
   *
   * @param seconds of processor time that it took in all
   */
  countPeer(seconds: number): void {
    this.#peers += 1e3 * seconds;
  }

  /**
   * Says what others took since the start.
   *
   * @returns the load, to stand beside the results
   * @throws {RangeError} a user error with the load found, where times would mean little and `busy` is not set
   */
  found(): LoadFound {
    const { clock, busy } = this;
    const available = clock.cores * (clock.wall() - this.#wall);
    const share = (this.#takenByOthers() - this.#others) / available;
    const othersShare = digits(Math.min(Math.max(share, 0), 1));
    if (othersShare <= MOST_OTHERS) return { othersShare };
    if (busy) return { othersShare, busy };
    const percent = (part: number) => `${digits(100 * part)} %`;
    throw userError(
      new RangeError(
        `Cannot record times: other programs took ${
          percent(othersShare)
        } of this machine's ${clock.cores} cores, more than ${
          percent(MOST_OTHERS)
        }. Stop them, or record with --busy, which marks the results`,
      ),
    );
  }
}
