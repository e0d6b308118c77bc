import { digits } from "../measure/digits.ts";
import { type Cell, table, wrap } from "../page/markdown.ts";
import { withPart } from "../page/part.ts";
import { mean, spread } from "../page/spread.ts";
import type { PhotographResults, PhotographRun, Times } from "./results.ts";

/** Rows of the table of scores: what a stage leaves, its score on train, its score on val. */
const STAGES = [
  ["CAMs, threshold", "cam-train", "cam-val"],
  ["CAMs, threshold best on val: an oracle", "", "cam-val-best"],
  ["CRF", "crf-train", "crf-val"],
  ["random walk", "walk-train", "walk-val"],
  ["random walk, CRF", "walk-crf-train", "walk-crf-val"],
  ["network retrained on the walk's masks, CRF", "train-score", "val-score"],
] as const;

/** Stages whose classes are listed. */
const BY_CLASS = ["cam-val", "walk-val", "val-score"] as const;

/**
 * Puts the results into the page.
 *
 * @param page docs/photographs.md
 * @param results of all recipes
 * @returns the page
 * @throws {Error} where the page does not say where results are
 */
export function withResults(page: string, results: PhotographResults): string {
  return withPart(page, "docs/photographs.md", "photographs", renderResults(results));
}

/** All tables: recipe by recipe, then the times of stages. */
export function renderResults({ machine, runs, times }: PhotographResults): string {
  const recipes = Map.groupBy(runs, ({ recipe }) => recipe);
  const parts = [...recipes].flatMap(([recipe, runs]) => [
    `### ${recipe}`,
    wrap(`_${madeOn(machine, runs)}_`),
    ...recipe.endsWith("upper-bound") ? [] : [stageTable(runs)],
    classTable(runs),
    sizes(runs),
  ]);
  return [...parts, ...times ? timesOf(times) : []].filter((part) => part !== "").join("\n\n");
}

/** Seconds of the stages on one thread and in a group. */
function timesOf({ machine, madeWith, seconds }: Times): readonly string[] {
  const sum = (at: 1 | 2) => seconds.reduce((sum, row) => sum + row[at], 0);
  const row = (name: string, single: number, group: number): readonly Cell[] => [
    name,
    single.toFixed(1),
    group.toFixed(1),
    `${(single / group).toFixed(2)}x`,
  ];
  return [
    "### Time by stage",
    wrap(`_${machine}; ${madeWith.device}; commit ${madeWith.commit.slice(0, 7)}_`),
    table(
      ["seconds", "one thread", "two Workers", "faster"],
      [
        ...seconds.map(([stage, single, group]) => row(`\`${stage}\``, single, group)),
        row("all", sum(1), sum(2)),
      ],
    ),
  ];
}

/** Hardware, versions and seeds. */
function madeOn(machine: string, runs: readonly PhotographRun[]): string {
  const all = (of: (run: PhotographRun) => string) => [...new Set(runs.map(of))].join(", ");
  return [
    `Seed${runs.length > 1 ? "s" : ""} ${runs.map(({ seed }) => seed).join(", ")}`,
    machine,
    all(({ madeWith }) => madeWith.device),
    `Deno ${all(({ madeWith }) => madeWith.deno)}`,
    `tfjs ${all(({ madeWith }) => madeWith.tfjs)}`,
    `commit ${all(({ madeWith }) => madeWith.commit.slice(0, 7))}`,
    all(({ madeWith }) => madeWith.started.slice(0, 10)),
  ].join("; ");
}

/** A number of every run, with mean and spread. */
function cells(values: readonly (number | undefined)[]): readonly Cell[] {
  const found = values.filter((value) => value !== undefined);
  const each = values.map((value) => value?.toFixed(1));
  const all = values.length > 1 && found.length === values.length;
  return [...each, all ? spread(found) : undefined];
}

function head(runs: readonly PhotographRun[], split: string): readonly string[] {
  return [...runs.map(({ seed }) => `${split}, seed ${seed}`), `${split}, mean (spread)`];
}

/** mIoU after every stage. */
function stageTable(runs: readonly PhotographRun[]): string {
  const miou = (stage: string) => cells(runs.map(({ scores }) => scores[stage]?.["miou"]));
  return table(
    ["mIoU (%) after", ...head(runs, "train"), ...head(runs, "val")],
    STAGES.map(([name, train, val]) => [name, ...miou(train), ...miou(val)]),
  );
}

/** IoU of every class on val. */
function classTable(runs: readonly PhotographRun[]): string {
  const stages = BY_CLASS.filter((stage) => runs.every(({ classes }) => stage in classes));
  const names = Object.keys(runs[0]?.classes[stages[0] ?? ""] ?? {});
  const rows = stages.flatMap((stage) => {
    const means = names.map((name) =>
      mean(runs.map(({ classes }) => classes[stage]?.[name] ?? 0)).toFixed(1)
    );
    const mious = runs.flatMap(({ scores }) => scores[stage]?.["miou"] ?? []);
    return [[`\`${stage}\``, ...means, mious.length > 0 ? spread(mious) : undefined]];
  });
  const what = runs.length > 1 ? "IoU (%) on val, mean of seeds" : "IoU (%) on val";
  return table([what, ...names, "mIoU"], rows);
}

/** Steps, memory and disk. */
function sizes(runs: readonly PhotographRun[]): string {
  const steps = Object.entries(runs[0]?.steps ?? {}).map(([stage, n]) => `${stage} ${n}`);
  const most = (of: (run: PhotographRun) => number) => digits(Math.max(...runs.map(of)) / 1e6);
  return wrap(
    `Steps: ${steps.join(", ")}. Resident memory at most ${
      most(({ peakBytes }) => peakBytes)
    } MB; ` +
      `a run folder has ${most(({ bytes }) => bytes)} MB.`,
  );
}
