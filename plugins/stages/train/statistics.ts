import type { Head } from "../../../core/contracts/head.ts";
import { mistake } from "../../../core/errors.ts";

/**
 * Fails where micro-batches are not what the head takes its training statistics over: batch norm would normalise by fewer samples
 * than the recipe states, and the result would depend on the memory of the device.
 *
 * @param id the stage
 * @param head what it trains
 * @param batch samples a step, and on the device at a time
 * @throws {RangeError} naming both sizes
 */
export function checkStatistics(
  id: string,
  { statistics }: Pick<Head, "statistics">,
  { size, micro = size }: { readonly size: number; readonly micro?: number | "auto" | undefined },
): void {
  if (statistics === undefined) return;
  const wanted = statistics === "batch" ? size : statistics;
  const refuse = (problem: string, way: string) =>
    mistake(
      new RangeError(
        `Cannot plan stage ${id}: batch.micro is ${micro}, but ${problem}; ${way}`,
      ),
    );
  if (micro !== "auto" && micro !== wanted) {
    throw refuse(
      `batch norm takes its statistics over ${
        statistics === "batch" ? `the whole batch of ${size}` : `${statistics} samples`
      }, and micro-batches are normalised one by one`,
      `set batch.micro to ${wanted}, or head.statistics to ${micro} (another result)`,
    );
  }
  if (size % wanted !== 0) {
    throw refuse(
      `a batch of ${size} ends with a smaller one, whose statistics would count as much`,
      "make batch.size a multiple of it",
    );
  }
}
