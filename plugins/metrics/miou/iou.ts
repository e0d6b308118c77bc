/** Pixel counts of the classes of one labelling: `[1+C]`, index 0 background. */
export interface ClassCounts {
  /** Pixels predicted right, TP. */
  readonly right: Float64Array;
  /** Pixels predicted as the class. */
  readonly predicted: Float64Array;
  /** Pixels of the class in the ground truth. */
  readonly truth: Float64Array;
}

/**
 * Intersection over union of every class, TP / (GT + predicted − TP + 1e-10), as the SEAM authors' `evaluation.py` computes it: a
 * class that neither the ground truth nor the prediction holds scores 0, and counts in the mean.
 *
 * @param counts pixels of each class; those without truth (255) left out
 * @returns `[1+C]`, 0..1
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { intersectionOverUnion } from "./iou.ts";
 * const [background, cat] = intersectionOverUnion({
 *   right: Float64Array.of(6, 1),
 *   predicted: Float64Array.of(8, 2),
 *   truth: Float64Array.of(7, 3),
 * });
 * assertAlmostEquals(background ?? 0, 6 / 9);
 * assertAlmostEquals(cat ?? 0, 1 / 4);
 * ```
 */
export function intersectionOverUnion({ right, predicted, truth }: ClassCounts): Float64Array {
  return right.map((tp, c) => tp / (truth[c]! + predicted[c]! - tp + 1e-10));
}

/**
 * Adds counts that are plain JSON.
 *
 * @param counts added to
 * @param others as many for each
 */
export function addCounts(
  counts: readonly Float64Array[],
  others: readonly (readonly number[])[],
): void {
  for (const [i, array] of counts.entries()) {
    for (const [at, count] of others[i]!.entries()) array[at]! += count;
  }
}

/**
 * The mean of some values.
 *
 * @param values at least one
 * @returns their arithmetic mean
 */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
