import { userError } from "../../../core/errors.ts";

/**
 * Fails where a network learned other classes than the data set has.
 *
 * @param id the stage that runs the network
 * @param from the stage that trained it
 * @param learned its foreground classes
 * @param wanted the data set's
 * @throws {RangeError} naming both
 */
export function checkLearned(
  id: string,
  from: string,
  learned: readonly string[],
  wanted: readonly string[],
): void {
  if (learned.join() === wanted.join()) return;
  throw userError(
    new RangeError(
      `Cannot run stage ${id}: stage "${from}" learned ${learned.join(", ")}, the data set has ${
        wanted.join(", ")
      }`,
    ),
  );
}
