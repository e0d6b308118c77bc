/** Differences between the results of two implementations. */
export interface Differences {
  readonly labels: number;
  /** Fraction of pixels with the same argmax label. */
  readonly argmaxAgreement: number;
  /** Largest absolute difference of a probability. */
  readonly largestDifference: number;
}

/**
 * Finds the label of the largest probability, the first of equal ones.
 *
 * @param q `[labels][pixels]`
 * @param labels number of them
 * @returns the label of each pixel
 */
export function likeliest(q: Float32Array, labels: number): Uint8Array<ArrayBuffer> {
  const pixels = q.length / labels;
  return Uint8Array.from({ length: pixels }, (_, pixel) => {
    let best = 0;
    for (let label = 1; label < labels; label++) {
      if (q[label * pixels + pixel]! > q[best * pixels + pixel]!) best = label;
    }
    return best;
  });
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
  const [one, other] = [likeliest(a, labels), likeliest(b, labels)];
  const agreeing = one.filter((label, pixel) => label === other[pixel]).length;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return { labels, argmaxAgreement: agreeing / one.length, largestDifference: largest };
}
