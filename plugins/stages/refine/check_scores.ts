import { type Raster, userError } from "seamstress";
import type { ClassScores } from "seamstress/wsss";

/**
 * Checks that class numbers mean the same in the earlier stage and the data set.
 *
 * @param id of the stage that reads the scores
 * @param from id of the one that wrote them
 * @param found classes that they are of
 * @param wanted those of the data set
 * @throws {RangeError} naming both
 */
export function checkClasses(
  id: string,
  from: string,
  found: readonly string[],
  wanted: readonly string[],
): void {
  if (found.join() === wanted.join()) return;
  throw userError(
    new RangeError(
      `Cannot run stage ${id}: stage "${from}" has scores of ${found.join(", ")}; ` +
        `the data set's classes are ${wanted.join(", ")}`,
    ),
  );
}

/**
 * Checks that scores have the size of the image that inference saw.
 *
 * @param from id of the stage that wrote them
 * @param scores of the image
 * @param image as inference saw it
 * @param original as the data set has it
 * @throws {RangeError} naming both sizes
 */
export function checkSize(
  from: string,
  scores: ClassScores,
  image: Raster,
  original: Raster,
): void {
  if (scores.width === image.width && scores.height === image.height) return;
  const reduced = image === original ? "" : `, reduced from ${original.width}x${original.height}`;
  throw userError(
    new RangeError(
      `its scores of stage "${from}" are ${scores.width}x${scores.height}, ` +
        `the image is ${image.width}x${image.height}${reduced}`,
    ),
  );
}
