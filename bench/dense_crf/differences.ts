/** Differences between the results of two implementations. */
export interface Differences {
  readonly labels: number;
  /** Fraction of pixels with the same argmax label. */
  readonly argmaxAgreement: number;
  /** Largest absolute difference of a probability. */
  readonly largestDifference: number;
}

/** @returns the label of the largest probability */
function likeliest(q: Float32Array, pixel: number, pixels: number): number {
  let best = pixel;
  for (let i = pixel; i < q.length; i += pixels) if (q[i]! > q[best]!) best = i;
  return best;
}

/**
 * Compares the probabilities of two implementations.
 *
 * @param a `[labels][pixels]`
 * @param b the same of the other implementation
 * @param labels number of them
 * @returns their differences
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { differences } from "./differences.ts";
 * const [a, b] = [new Float32Array([0.5, 0.25, 0.5, 0.75]), new Float32Array([0.5, 0.75, 0.5, 0.25])];
 * assertEquals(differences(a, b, 2), { labels: 2, argmaxAgreement: 0.5, largestDifference: 0.5 });
 * ```
 */
export function differences(a: Float32Array, b: Float32Array, labels: number): Differences {
  const pixels = a.length / labels;
  let agreeing = 0, largest = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (likeliest(a, pixel, pixels) === likeliest(b, pixel, pixels)) agreeing++;
  }
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return { labels, argmaxAgreement: agreeing / pixels, largestDifference: largest };
}
