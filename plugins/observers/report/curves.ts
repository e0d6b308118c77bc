import { type Chart, drawChart, type Series } from "./chart.ts";
import type { Row } from "./comparison.ts";
import type { Html } from "./html.ts";
import type { LossPoint } from "./read_run.ts";

/** Points of a loss curve: each is the mean over equally many steps, with their minimum and maximum. */
const BINS = 60;

/**
 * Downsamples a loss curve: averages over equally many consecutive steps.
 *
 * @param values `[step, loss]`, by step
 * @param bins maximum number of points
 * @returns points at the middle of their steps, and minimum and maximum of each
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { thin } from "./curves.ts";
 * const { points, band } = thin([[1, 4], [2, 2], [3, 1], [4, 0]], 2);
 * assertEquals(points, [[1.5, 3], [3.5, 0.5]]);
 * assertEquals(band, [[2, 4], [0, 1]]);
 * ```
 */
export function thin(
  values: readonly (readonly [number, number])[],
  bins: number,
): Required<Pick<Series, "points" | "band">> {
  const count = Math.min(bins, values.length);
  const points: [number, number][] = [], band: [number, number][] = [];
  for (let bin = 0; bin < count; bin++) {
    const from = Math.floor(bin * values.length / count);
    const to = Math.floor((bin + 1) * values.length / count);
    const part = values.slice(from, to);
    const sum = part.reduce(([x, y], [px, py]) => [x + px, y + py], [0, 0] as const);
    const losses = part.map(([, y]) => y);
    points.push([sum[0] / part.length, sum[1] / part.length]);
    band.push([Math.min(...losses), Math.max(...losses)]);
  }
  return { points, band };
}

/**
 * Curves of validations: one chart per number, one line per stage.
 *
 * @param scores of each stage, by step
 * @returns charts
 */
export function validationCharts(
  scores: ReadonlyMap<string, readonly LossPoint[]>,
): readonly Html[] {
  return charts(scores, (name) => `${name} (validation)`);
}

/**
 * Loss curves: one chart per loss, one line per stage.
 *
 * @param losses of each stage, by step
 * @returns charts, the total loss first
 */
export function lossCharts(losses: ReadonlyMap<string, readonly LossPoint[]>): readonly Html[] {
  return charts(losses, (name) => name === "loss" ? "total loss" : name);
}

function charts(
  numbers: ReadonlyMap<string, readonly LossPoint[]>,
  title: (name: string) => string,
): readonly Html[] {
  const stages = [...numbers];
  const names = new Set(
    stages.flatMap(([, points]) => points.flatMap((point) => Object.keys(point.losses))),
  );
  const all = [...names].map((name): Chart => ({
    title: title(name),
    xLabel: "optimizer step",
    fromZero: true,
    series: stages.flatMap(([stage, points], colour) => {
      const values = points.flatMap(({ step, losses }): [number, number][] =>
        losses[name] === undefined ? [] : [[step, losses[name]]]
      );
      return values.length === 0 ? [] : [{ name: stage, colour, ...thin(values, BINS) }];
    }),
  }));
  return all.map(drawChart);
}

/**
 * mIoU by threshold: one line per score, its best point marked.
 *
 * @param rows scores
 * @returns a chart; none where no score was swept
 */
export function alphaChart(rows: readonly Row[]): Html | undefined {
  const series = rows.flatMap(({ label, result }, colour): Series[] => {
    const points = Object.values(result.table.curves ?? {})[0];
    if (!points || points.length === 0) return [];
    const mark = points.reduce((best, point) => point[1] > best[1] ? point : best);
    return [{ name: label, colour, points, mark }];
  });
  if (series.length === 0) return undefined;
  return drawChart({
    title: "mIoU (%) by threshold alpha",
    xLabel: "alpha",
    series,
    fromZero: true,
  });
}
