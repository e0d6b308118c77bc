import { userError } from "seamstress";

/** Pixels of this value have no truth. */
export const IGNORED = 255;

/**
 * Adds a mask's pixels to the counts of each class.
 *
 * @param counts `[1+C]`, added to
 * @param mask class of every pixel, 255 without truth
 * @param name the sample's name, for messages
 * @throws {RangeError} where the mask holds a class that the data set does not have
 */
export function countTruth(counts: Float64Array, mask: Uint8Array, name: string): void {
  const histogram = new Float64Array(256);
  for (let i = 0; i < mask.length; i++) histogram[mask[i]!]! += 1;
  for (let value = counts.length; value < IGNORED; value++) {
    if (histogram[value]! > 0) {
      throw userError(
        new RangeError(
          `Cannot score ${name}: its mask holds class ${value}, the data set has 0 to ${
            counts.length - 1
          } and 255 for pixels without truth`,
        ),
      );
    }
  }
  for (let c = 0; c < counts.length; c++) counts[c]! += histogram[c]!;
}

/**
 * Fails where a prediction is not of its mask's size.
 *
 * @param name the sample's name
 * @param what what was predicted
 * @param found its pixels
 * @param wanted the mask's pixels
 * @throws {RangeError} where the two differ
 */
export function checkPixels(name: string, what: string, found: number, wanted: number): void {
  if (found !== wanted) {
    throw userError(
      new RangeError(
        `Cannot score ${name}: ${what} has ${found} pixels, its ground truth has ${wanted}`,
      ),
    );
  }
}
