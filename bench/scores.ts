/**
 * Gathers the scores of finished runs into one results file, with what they were made with.
 *
 *   deno run --allow-read --allow-write=bench/results bench/scores.ts RESULTS.json "2 cores of an AMD EPYC" RUN...
 *
 * @module
 */
import type { Manifest, Table } from "seamstress";

interface RunScores {
  readonly recipe: string;
  readonly seed: number;
  /** Optimizer steps of each training. */
  readonly steps: Readonly<Record<string, number>>;
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>> & { note?: string }>>;
  readonly seconds: Readonly<Record<string, number>>;
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** Seconds of each stage that ran, from the log. */
async function stageSeconds(run: string): Promise<Record<string, number>> {
  const lines = (await Deno.readTextFile(`${run}/metrics.jsonl`)).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  const finished = events.filter(({ event, state }) => event === "stage" && state === "finished");
  return Object.fromEntries(
    finished.map(({ stage, seconds }) => [stage, Math.round(seconds * 10) / 10]),
  );
}

/** Optimizer steps of each stage that left a checkpoint. */
async function trainedSteps(
  run: string,
  stages: readonly string[],
): Promise<Record<string, number>> {
  const steps: Record<string, number> = {};
  for (const stage of stages) {
    const { artifact } = await readJson<{ artifact?: { kind: string; info: { steps: number } } }>(
      `${run}/stages/${stage}/stage.json`,
    );
    if (artifact?.kind === "checkpoint") steps[stage] = artifact.info.steps;
  }
  return steps;
}

async function readScores(run: string): Promise<RunScores> {
  const scores: Record<string, Record<string, number> & { note?: string }> = {};
  // Names with a dot are results of earlier settings, set aside.
  const stages = (await Array.fromAsync(Deno.readDir(`${run}/stages`), ({ name }) => name))
    .filter((name) => !name.includes(".")).sort();
  for (const stage of stages) {
    const path = `${run}/stages/${stage}/table.json`;
    const { table } = await readJson<{ table?: Table }>(path).catch(() => ({ table: undefined }));
    if (table) scores[stage] = Object.assign({ ...table.summary }, { note: table.note });
  }
  const { seed } = await readJson<Manifest>(`${run}/manifest.json`);
  const recipe = (await Deno.readTextFile(`${run}/recipe.yaml`)).match(/^name: (.+)$/m)?.[1] ?? "";
  const steps = await trainedSteps(run, stages);
  return { recipe, seed, steps, scores, seconds: await stageSeconds(run) };
}

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
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const round = (value: number) => Math.round(value * 100) / 100;
      summary[`${stage} ${key}`] = {
        mean: round(mean),
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
const gathered = await Promise.all(runs.map(readScores));
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
