/** How an implementation computes. */
export type Arithmetic = "float32" | "TF32" | "f16";

/**
 * Largest difference of a loss, absolute up to 1 and relative above; of the steps after an update ten times that, but no more than
 * {@linkcode MOST}. TF32 rounds products to 10 bits, `f16` what is stored.
 */
export const TOLERANCES: Readonly<Record<Arithmetic, number>> = {
  float32: 1e-4,
  TF32: 3e-2,
  f16: 2e-2,
};
const MOST = 0.3;

/** Difference between two implementations' losses. */
export interface Agreement {
  readonly agrees: boolean;
  /** Largest difference in the compared steps. */
  readonly largest: number;
}

/**
 * Compares two implementations' losses.
 *
 * @param expected one list of losses per step; the first step's before any update
 * @param found the same of the other implementation
 * @param arithmetic of the other implementation
 * @returns whether they agree
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { disagreement } from "./agreement.ts";
 * assert(disagreement([[0.7, 12]], [[0.70005, 12.001]], "float32").agrees);
 * assert(!disagreement([[0.7]], [[0.7002]], "float32").agrees);
 * assert(!disagreement([[0.7]], [[NaN]], "float32").agrees);
 * ```
 */
export function disagreement(
  expected: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
  arithmetic: Arithmetic,
): Agreement {
  const differences = expected.map((losses, step) =>
    losses.map((loss, k) => Math.abs(loss - found[step]![k]!) / Math.max(1, Math.abs(loss)))
  );
  const agrees = differences.every((step, i) => {
    const allowed = Math.min(TOLERANCES[arithmetic] * (i === 0 ? 1 : 10), MOST);
    return step.every((difference) => difference <= allowed);
  });
  return { agrees, largest: Math.max(...differences.flat()) };
}
