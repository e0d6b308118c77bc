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

/** Steps whose losses are compared: the second's show that gradients and update agree, too. */
export const COMPARED_STEPS = 2;

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

/**
 * Largest difference of a parameter's gradient: the length of the difference by the gradient's own. A value that rounding moves past another
 * changes what a loss takes as the hardest pixels; a convolution that is padded otherwise is far beyond it.
 */
export const GRADIENT_TOLERANCE = 1e-2;

/** The parameter whose gradients differ most, and by how much. */
export interface GradientsApart {
  readonly name: string;
  readonly apart: number;
}

/**
 * Compares two implementations' gradients, parameter by parameter: the length of the difference, divided by the gradient's.
 *
 * @param expected by parameter, in one memory order
 * @param found the same of the other implementation
 * @returns the worst; infinite where a gradient is missing, of another size or not a number
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gradientsApart } from "./agreement.ts";
 * const of = (...values: number[]) => new Map([["fc8.weight", Float32Array.from(values)]]);
 * assertEquals(gradientsApart(of(3, 4), of(3, 4)).apart, 0);
 * assertEquals(gradientsApart(of(3, 4), of(3, 9)), { name: "fc8.weight", apart: 1 });
 * assertEquals(gradientsApart(of(3, 4), of(3, NaN)).apart, Infinity);
 * assertEquals(gradientsApart(of(3, 4), new Map()).apart, Infinity);
 * ```
 */
export function gradientsApart(
  expected: ReadonlyMap<string, Float32Array>,
  found: ReadonlyMap<string, Float32Array>,
): GradientsApart {
  const all = [...new Set([...expected.keys(), ...found.keys()])].map((name) => ({
    name,
    apart: apart(expected.get(name), found.get(name)),
  }));
  return all.reduce((worst, one) => one.apart > worst.apart ? one : worst);
}

function apart(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || !b || a.length !== b.length) return Infinity;
  let difference = 0, length = 0;
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    length += a[i]! ** 2;
  }
  if (!Number.isFinite(difference)) return Infinity;
  return difference === 0 ? 0 : Math.sqrt(difference / length);
}
