/** Largest difference of a loss, absolute up to 1 and relative above; of the steps after an update ten times that. */
export const TOLERANCE = 1e-4;
/** The same where products are rounded to TF32's 10 bits. */
const TF32_TOLERANCE = 3e-2;

/** How far two sides' losses are apart. */
export interface Agreement {
  readonly agrees: boolean;
  /** Largest difference in the compared steps. */
  readonly largest: number;
}

/**
 * Compares two sides' losses.
 *
 * @param expected a list a step; the first step's before any update
 * @param found the same of the other side
 * @param tf32 whether the other side computes in TF32
 * @returns whether they agree
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { disagreement } from "./agreement.ts";
 * assert(disagreement([[0.7, 12]], [[0.70005, 12.001]], false).agrees);
 * assert(!disagreement([[0.7]], [[0.7002]], false).agrees);
 * assert(!disagreement([[0.7]], [[NaN]], false).agrees);
 * ```
 */
export function disagreement(
  expected: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
  tf32: boolean,
): Agreement {
  const differences = expected.map((losses, step) =>
    losses.map((loss, k) => Math.abs(loss - found[step]![k]!) / Math.max(1, Math.abs(loss)))
  );
  const agrees = differences.every((step, i) => {
    const allowed = (tf32 ? TF32_TOLERANCE : TOLERANCE) * (i === 0 ? 1 : 10);
    return step.every((difference) => difference <= allowed);
  });
  return { agrees, largest: Math.max(...differences.flat()) };
}
