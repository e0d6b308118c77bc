import type { SparseColumns } from "./transition.ts";

/**
 * Walks: multiplies rows of scores by T some times. The authors square T as a dense matrix log2(steps) times and multiply once; the
 * product is the same.
 *
 * @param transition T, `[N,N]`
 * @param scores `[rows,N]`
 * @param steps how often T is applied, >= 0
 * @returns scores · T^steps, `[rows,N]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pairTransition, walkSteps } from "seamstress/wsss";
 * const alone = pairTransition(3, { from: new Int32Array(), to: new Int32Array(), values: new Float64Array() });
 * assertEquals(walkSteps(alone, Float64Array.of(0.5, 0, 1), 64), Float64Array.of(0.5, 0, 1));
 * ```
 */
export function walkSteps(
  transition: SparseColumns,
  scores: Float64Array,
  steps: number,
): Float64Array {
  const out = new Float64Array(scores.length);
  let from = new Float64Array(transition.size), to = new Float64Array(transition.size);
  for (let at = 0; at < scores.length; at += transition.size) {
    const row = scores.subarray(at, at + transition.size);
    // A row of zeros, of an absent class, stays so.
    if (row.every((score) => score === 0)) continue;
    from.set(row);
    for (let step = 0; step < steps; step++) {
      apply(transition, from, to);
      [from, to] = [to, from];
    }
    out.set(from, at);
  }
  return out;
}

/** One step of one row. */
function apply(
  { size, starts, rows, values }: SparseColumns,
  from: Float64Array,
  to: Float64Array,
): void {
  let entry = 0;
  for (let column = 0; column < size; column++) {
    const end = starts[column + 1]!;
    let sum = 0;
    for (; entry < end; entry++) sum += values[entry]! * from[rows[entry]!]!;
    to[column] = sum;
  }
}
