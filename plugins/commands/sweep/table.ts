import { csvText } from "../../stages/evaluate/csv.ts";
import { markdownRow } from "../../stages/evaluate/markdown_row.ts";
import type { SweepRow } from "./summarize.ts";

const keysOf = (rows: readonly SweepRow[]) => [
  ...new Set(rows.flatMap(({ settings }) => Object.keys(settings))),
];

/**
 * Formats a sweep as Markdown: a row a combination of settings and evaluation, a column a number: mean ± standard deviation (n).
 *
 * @param rows of the sweep
 * @returns the table, then what was measured
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sweepMarkdown } from "./table.ts";
 * const row = { settings: { lr: "1" }, stage: "score", metric: "miou", measured: "cam of seam on val", mean: 52, std: 2, n: 3, values: [] };
 * assertEquals(sweepMarkdown([row]).split("\n"), [
 *   "| lr | stage | miou |",
 *   "| --- | --- | ---: |",
 *   "| 1 | score | 52.00 ± 2.00 (3) |",
 *   "",
 *   "Mean ± standard deviation of the sample (number of runs). score: cam of seam on val.",
 * ]);
 * ```
 */
export function sweepMarkdown(rows: readonly SweepRow[]): string {
  const keys = keysOf(rows), metrics = [...new Set(rows.map(({ metric }) => metric))];
  const groups = Map.groupBy(rows, ({ settings, stage }) => JSON.stringify([settings, stage]));
  const lines = [...groups.values()].map((group) => {
    const { settings, stage } = group[0]!;
    return markdownRow([
      ...keys.map((key) => settings[key] ?? ""),
      stage,
      ...metrics.map((metric) => {
        const found = group.find((row) => row.metric === metric);
        if (!found) return "";
        const { mean, std, n } = found;
        return `${mean.toFixed(2)}${std === null ? "" : ` ± ${std.toFixed(2)}`} (${n})`;
      }),
    ]);
  });
  const measured = new Map(rows.map((row) => [row.stage, row.measured]));
  return [
    markdownRow([...keys, "stage", ...metrics]),
    markdownRow([...keys.map(() => "---"), "---", ...metrics.map(() => "---:")]),
    ...lines,
    "",
    `Mean ± standard deviation of the sample (number of runs). ${
      [...measured].map(([stage, what]) => `${stage}: ${what}`).join("; ")
    }.`,
  ].join("\n");
}

/**
 * Formats a sweep as CSV, all digits: a row a combination of settings, evaluation and number.
 *
 * @param rows of the sweep
 * @returns the text
 */
export function sweepCsv(rows: readonly SweepRow[]): string {
  const keys = keysOf(rows);
  return csvText([
    [...keys, "stage", "metric", "mean", "std", "n", "seeds", "values", "measured"],
    ...rows.map(({ settings, stage, metric, mean, std, n, values, measured }) => [
      ...keys.map((key) => settings[key] ?? ""),
      stage,
      metric,
      mean,
      std ?? "",
      n,
      values.map(({ seed }) => seed).join(" "),
      values.map(({ value }) => value).join(" "),
      measured,
    ]),
  ]);
}
