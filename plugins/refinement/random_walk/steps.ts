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
 * import { walkSteps } from "./steps.ts";
 * import { transitionMatrix } from "./transition.ts";
 * const alone = transitionMatrix({ height: 1, width: 3, data: new Float32Array(0) }, 8);
 * assertEquals(walkSteps(alone, Float64Array.of(0.5, 0, 1), 64), Float64Array.of(0.5, 0, 1));
 * ```
 */
export function walkSteps(
  transition: SparseColumns,
  scores: Float64Array,
  steps: number,
): Float64Array {
  const { size } = transition, rows = scores.length / size;
  // Rows that are 0, of absent classes, stay 0.
  const walking = Array.from({ length: rows }, (_, row) => row)
    .filter((row) => scores.subarray(row * size, (row + 1) * size).some((score) => score !== 0));
  const count = walking.length;
  let from = new Float64Array(size * count), to = new Float64Array(size * count);
  walking.forEach((row, k) => {
    for (let i = 0; i < size; i++) from[i * count + k] = scores[row * size + i]!;
  });
  for (let step = 0; step < steps; step++) {
    apply(transition, from, to, count);
    [from, to] = [to, from];
  }
  const out = new Float64Array(scores.length);
  walking.forEach((row, k) => {
    for (let i = 0; i < size; i++) out[row * size + i] = from[i * count + k]!;
  });
  return out;
}

/** One step; scores of a pixel lie side by side, `[N][count]`. */
function apply(
  { size, starts, rows, values }: SparseColumns,
  from: Float64Array,
  to: Float64Array,
  count: number,
): void {
  to.fill(0);
  for (let column = 0; column < size; column++) {
    const at = column * count, end = starts[column + 1]!;
    for (let entry = starts[column]!; entry < end; entry++) {
      const value = values[entry]!, row = rows[entry]! * count;
      for (let k = 0; k < count; k++) to[at + k]! += value * from[row + k]!;
    }
  }
}
