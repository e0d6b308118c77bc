import { digits } from "../measure/digits.ts";
import { table, wrap } from "../page/markdown.ts";
import { withPart } from "../page/part.ts";
import { mean, spread } from "../page/spread.ts";
import { ROOT } from "./list.ts";
import type { MeasuredRun, MethodResult } from "./results.ts";

/** The page, in which other people write the rest. */
export const PAGE: string = `${ROOT}/docs/methods.md`;

/**
 * Puts the table of results in a page in place of the one that it has.
 *
 * @param page docs/methods.md
 * @param results by method
 * @returns the page
 * @throws {Error} where the page does not say where the table is
 */
export function withTable(page: string, results: readonly MethodResult[]): string {
  return withPart(page, "docs/methods.md", "methods", renderMethods(results));
}

/** Writes the table into docs/methods.md. */
export async function writeTable(results: readonly MethodResult[]): Promise<void> {
  await Deno.writeTextFile(PAGE, withTable(await Deno.readTextFile(PAGE), results));
}

/** The table of scores, and that of what methods are made of. */
export function renderMethods(results: readonly MethodResult[]): string {
  const runs = results.flatMap(({ runs }) => runs);
  if (runs.length === 0) return "Nothing is measured yet: `deno task methods`.";
  const scores = results.map(({ name, runs }) => [
    name,
    over(runs, ({ scores }) => scores.miou),
    over(runs, ({ scores }) => scores.map),
    over(runs, ({ scores }) => scores.alpha, 2),
    others(runs),
    seedsOf(runs),
    digits(mean(runs.map(({ seconds }) => seconds))),
    digits(mean(runs.map(({ cpuSeconds }) => cpuSeconds))),
    digits(Math.max(...runs.map(({ peakBytes }) => peakBytes)) / 1e6),
  ]);
  const head = [
    "method",
    "CAM mIoU (%)",
    "mAP (%)",
    "alpha",
    "other mIoU (%)",
    "seeds",
    "s",
    "CPU s",
    "MB",
  ];
  const made = results.map(({ name, recipe, lines, contracts }) => [
    name,
    `\`${recipe}\``,
    lines,
    contracts.join(", "),
  ]);
  return [
    madeOn(runs),
    wrap(
      `Each training takes ${
        all(runs, ({ share }) => `${100 * share}`)
      } % of its recipe's epochs, so chosen that 10 methods take 25 minutes ` +
        "or less on two idle cores. " +
        "Mean (lowest – highest) over seeds. CAM mIoU: stage `score` (or `cam-score`) of the recipe, on the first 200 training scenes, with the alpha that is " +
        "best on these very scenes (an oracle); mAP: the classifier's, on held-out scenes (stage `map`). Other mIoU: further stages that " +
        "score. Times are of the whole recipe: by the clock, and of a processor core; memory is the process's at most.",
    ),
    table(head, scores),
    wrap(
      "What each is made of: lines of code without comments, and the kinds of its plugins with what they use of the contracts beyond " +
        "the least. Of the baseline and SEAM these are files of the kinds' folders, of others all of `plugins/NAME/`.",
    ),
    table(["method", "recipe", "lines", "contracts"], made),
  ].join("\n\n");
}

/** Hardware, versions and load. */
function madeOn(runs: readonly MeasuredRun[]): string {
  const busy = runs.filter(({ load }) => load.busy);
  const share = digits(100 * Math.max(0, ...busy.map(({ load }) => load.othersShare)));
  const parts = [
    all(runs, ({ madeWith }) => madeWith.device),
    `${all(runs, ({ madeWith }) => String(madeWith.cores))} cores, ${
      all(runs, ({ beside }) => String(beside))
    } runs at a time`,
    `Deno ${all(runs, ({ madeWith }) => madeWith.deno)}`,
    `commit ${all(runs, ({ madeWith }) => madeWith.commit.slice(0, 7))}`,
    all(runs, ({ madeWith }) => madeWith.started.slice(0, 10)),
    busy.length > 0 &&
    `OTHER PROGRAMS TOOK UP TO ${share} % OF THE CORES DURING ${busy.length} OF ${runs.length} RUNS`,
  ];
  return wrap(`_${parts.filter((part) => part).join("; ")}_`);
}

function all(runs: readonly MeasuredRun[], of: (run: MeasuredRun) => string): string {
  return [...new Set(runs.map(of))].join(", ");
}

function over(
  runs: readonly MeasuredRun[],
  of: (run: MeasuredRun) => number | undefined,
  places = 1,
): string {
  const values = runs.flatMap((run) => of(run) ?? []);
  return values.length === 0 ? "" : spread(values, places);
}

function others(runs: readonly MeasuredRun[]): string {
  const stages = Object.keys(runs[0]?.others ?? {});
  return stages.map((stage) =>
    `${stage} ${over(runs.filter(({ others }) => stage in others), ({ others }) => others[stage]!)}`
  ).join(", ");
}

function seedsOf(runs: readonly MeasuredRun[]): string {
  return runs.map(({ seed }) => seed).join(", ");
}
