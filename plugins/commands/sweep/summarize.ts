/** Scores of one run: evaluation, what it scored, and numbers by name. */
export interface RunScores {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly results: readonly {
    /** Id of the evaluation. */
    readonly stage: string;
    /** Such as `cam_rv of seam on val, 222 images; alpha chosen on train`. */
    readonly measured: string;
    readonly summary: Readonly<Record<string, number>>;
  }[];
}

/** A number of an evaluation over the seeds of one combination of settings. */
export interface SweepRow {
  readonly settings: Readonly<Record<string, string>>;
  readonly stage: string;
  readonly metric: string;
  /** What was measured; of seeds that differ, each. */
  readonly measured: string;
  readonly mean: number;
  /** Of the sample, over n − 1; null with one run. */
  readonly std: number | null;
  readonly n: number;
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

/**
 * Mean and standard deviation over seeds.
 *
 * @param runs finished ones
 * @returns a row a combination of settings, evaluation and number, in the order of runs
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { summarize } from "./summarize.ts";
 * const run = (seed: number, miou: number) => ({
 *   name: "",
 *   settings: { lr: "1" },
 *   seed,
 *   results: [{ stage: "score", measured: "cam of seam on val", summary: { miou } }],
 * });
 * const [row] = summarize([run(0, 50), run(1, 52), run(2, 54)]);
 * assertEquals([row?.mean, row?.std, row?.n], [52, 2, 3]);
 * ```
 */
export function summarize(runs: readonly RunScores[]): readonly SweepRow[] {
  const groups = new Map<string, {
    row: Pick<SweepRow, "settings" | "stage" | "metric">;
    measured: Set<string>;
    values: { seed: number; value: number }[];
  }>();
  for (const { settings, seed, results } of runs) {
    for (const { stage, measured, summary } of results) {
      for (const [metric, value] of Object.entries(summary)) {
        const key = JSON.stringify([settings, stage, metric]);
        const group = groups.get(key) ??
          { row: { settings, stage, metric }, measured: new Set(), values: [] };
        group.values.push({ seed, value });
        group.measured.add(measured);
        groups.set(key, group);
      }
    }
  }
  return [...groups.values()].map(({ row, measured, values }) => {
    const n = values.length;
    const mean = values.reduce((sum, { value }) => sum + value, 0) / n;
    const squares = values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
    const std = n > 1 ? Math.sqrt(squares / (n - 1)) : null;
    return { ...row, measured: [...measured].join("; or "), mean, std, n, values };
  });
}
