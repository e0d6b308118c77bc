/**
 * Gathers the scores of finished runs into one results file, with what they were made with.
 *
 *   deno run --allow-read --allow-write=bench/results bench/scores.ts RESULTS.json "2 cores of an AMD EPYC" RUN...
 *
 * @module
 */
import type { Manifest } from "seamstress";
import { readJson, readRun, type RunScores } from "./measure/run_scores.ts";
import { mean } from "./page/spread.ts";

/** Mean and extent over the runs of every number that all of them have. */
function summarize(
  runs: readonly RunScores[],
): Record<string, { mean: number; min: number; max: number }> {
  const summary: Record<string, { mean: number; min: number; max: number }> = {};
  for (const [stage, numbers] of Object.entries(runs[0]?.scores ?? {})) {
    for (const key of Object.keys(numbers).filter((name) => name !== "note")) {
      const values = runs.map((run) => run.scores[stage]?.[key]).filter((value) =>
        value !== undefined
      );
      if (values.length < runs.length) continue;
      const round = (value: number) => Math.round(value * 100) / 100;
      summary[`${stage} ${key}`] = {
        mean: round(mean(values)),
        min: round(Math.min(...values)),
        max: round(Math.max(...values)),
      };
    }
  }
  return summary;
}

const [target, machine, ...runs] = Deno.args;
if (target === undefined || runs.length === 0) {
  throw new TypeError(
    "Cannot gather scores: expected a results file, the machine's name and at least one run folder",
  );
}
const { data: _, earlier: __, started: ___, seed: ____, base: _____, ...madeWith } = await readJson<
  Manifest
>(
  `${runs[0]}/manifest.json`,
);
const gathered = await Promise.all(runs.map(async (run) => (await readRun(run)).scores));
// Only runs of one recipe and length have a mean.
const groups = Map.groupBy(gathered, ({ recipe, steps }) => `${recipe} ${JSON.stringify(steps)}`);
const summary = Object.fromEntries(
  [...groups].filter(([, group]) => group.length > 1)
    .map(([_, group]) => [group[0]!.recipe, summarize(group)]),
);
const results = {
  machine,
  madeWith,
  ...groups.size < gathered.length && { summary },
  runs: gathered,
};
await Deno.writeTextFile(target, JSON.stringify(results, null, 2) + "\n");
