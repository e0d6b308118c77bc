/** How far two engines' results are apart. */
export interface Differences {
  readonly labels: number;
  /** Share of pixels whose likeliest label is the same. */
  readonly argmaxAgreement: number;
  /** Of a probability. */
  readonly largestDifference: number;
}

/** @returns the label of the largest probability */
function likeliest(q: Float32Array, pixel: number, pixels: number): number {
  let best = pixel;
  for (let i = pixel; i < q.length; i += pixels) if (q[i]! > q[best]!) best = i;
  return best;
}

/**
 * Compares two engines' probabilities.
 *
 * @param a `[labels][pixels]`
 * @param b the same of the other engine
 * @param labels number of them
 * @returns how far they are apart
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
