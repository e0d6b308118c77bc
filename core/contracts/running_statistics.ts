let moving = true;

/**
 * Computes something that a training has computed before, or of which another part counts: batch norms that train normalise by the
 * batch, and leave their running statistics as they are.
 *
 * @param compute called at once
 * @returns what it returned
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { keepingRunningStatistics, runningStatisticsMove } from "./running_statistics.ts";
 * assert(runningStatisticsMove());
 * assert(!keepingRunningStatistics(runningStatisticsMove));
 * ```
 */
export function keepingRunningStatistics<T>(compute: () => T): T {
  const before = moving;
  moving = false;
  try {
    return compute();
  } finally {
    moving = before;
  }
}

/** @returns whether what a batch norm sees now counts for its running statistics */
export function runningStatisticsMove(): boolean {
  return moving;
}
