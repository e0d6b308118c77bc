import type { Table } from "seamstress";
import { csvText } from "../evaluate/csv.ts";

/** The score of a trial. */
export interface TrialScore {
  /** Value of each option. */
  readonly values: Readonly<Record<string, number>>;
  /** IoU of every class and their mean, in percent. */
  readonly table: Table;
}

const miouOf = ({ table }: TrialScore) => table.summary["miou"] ?? 0;

/** The best of some trials. */
export interface Chosen {
  /** Value of each option. */
  readonly values: Readonly<Record<string, number>>;
  /** Its IoU by class, what it chose, and mIoU by each option, of the others' best values. */
  readonly table: Table;
}

/** Options whose value is the least or the largest of those that were tried, of several. */
function atEnds(best: TrialScore, trials: readonly TrialScore[]): readonly string[] {
  return Object.entries(best.values).flatMap(([option, value]) => {
    const tried = trials.map(({ values }) => values[option]!);
    const least = Math.min(...tried), largest = Math.max(...tried);
    return least < largest && (value === least || value === largest) ? [option] : [];
  });
}

/** By each value of an option the best mIoU that any trial reached with it. */
function curveOf(option: string, trials: readonly TrialScore[]): [number, number][] {
  const best = new Map<number, number>();
  for (const trial of trials) {
    const value = trial.values[option]!;
    best.set(value, Math.max(best.get(value) ?? 0, miouOf(trial)));
  }
  return [...best].toSorted(([a], [b]) => a - b);
}

/**
 * Finds the best trial.
 *
 * @param trials at least one; the first of equals is the best
 * @param title what was scored, on which images
 * @returns its values and table, whose `summary` has every chosen value beside `miou`
 */
export function choiceTable(trials: readonly TrialScore[], title: string): Chosen {
  const best = trials.reduce((best, trial) => miouOf(trial) > miouOf(best) ? trial : best);
  const { values, table } = best, ends = atEnds(best, trials);
  const told = Object.entries(values).map(([option, value]) => `${option} ${value}`).join(", ");
  const beyond = ends.length === 0
    ? ""
    : ` (at the end of what was tried, a better one may lie beyond: ${ends.join(", ")})`;
  const curves = Object.keys(values).flatMap((option) => {
    const curve = curveOf(option, trials);
    return curve.length > 1 ? [[`mIoU (%) by ${option}`, curve] as const] : [];
  });
  return {
    values,
    table: {
      ...table,
      title,
      summary: { ...table.summary, ...values },
      note: `${told}, best of ${trials.length}, oracle: best on this split${beyond}`,
      ...curves.length > 0 && { curves: Object.fromEntries(curves) },
    },
  };
}

/**
 * Every trial as CSV.
 *
 * @param trials at least one
 * @returns a row each: values, then mIoU in percent
 */
export function trialsCsv(trials: readonly TrialScore[]): string {
  const options = Object.keys(trials[0]!.values);
  return csvText([
    [...options, "mIoU (%)"],
    ...trials.map((trial) => [...options.map((option) => trial.values[option]!), miouOf(trial)]),
  ]);
}
