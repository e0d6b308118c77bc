/**
 * Average precision, Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores from the highest: not interpolated, equal scores at once, as
 * scikit-learn's `average_precision_score`.
 *
 * @param scores `[N]`, any monotone scale
 * @param labels `[N]`, whether the sample has the class
 * @returns 0..1; `undefined` where no sample has the class
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { averagePrecision } from "./average_precision.ts";
 * const found = averagePrecision([0.1, 0.4, 0.35, 0.8], [false, false, true, true]);
 * assertAlmostEquals(found ?? 0, 1 / 2 + 2 / 3 / 2);
 * ```
 */
export function averagePrecision(
  scores: readonly number[],
  labels: readonly boolean[],
): number | undefined {
  const positives = labels.filter(Boolean).length;
  if (positives === 0) return undefined;
  const order = scores.map((_, i) => i).toSorted((a, b) => scores[b]! - scores[a]!);
  let sum = 0, hits = 0, newHits = 0;
  for (const [rank, i] of order.entries()) {
    if (labels[i]) newHits++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[i]) continue;
    hits += newHits;
    sum += newHits / positives * hits / (rank + 1);
    newHits = 0;
  }
  return sum;
}
