import type { Stop } from "../core/run/stop.ts";

/** Asks to stop from a number of looks on. */
export class StopAfter implements Stop {
  /** @param looks that are answered with no */
  constructor(private looks: number) {}

  get requested(): boolean {
    return --this.looks < 0;
  }
}
