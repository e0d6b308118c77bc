import type { Manifest, Table } from "seamstress";

/** Numbers of a stage's table, such as `miou`, and how they were found. */
export type StageScores = Readonly<Record<string, number>> & { readonly note?: string };

/** What a finished run scored. */
export interface RunScores {
  /** The recipe's name. */
  readonly recipe: string;
  readonly seed: number;
  /** Optimizer steps of each training. */
  readonly steps: Readonly<Record<string, number>>;
  /** By stage. */
  readonly scores: Readonly<Record<string, StageScores>>;
  /** Wall time of each stage that ran. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Reads a JSON file. */
export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** A line of a run's log. */
export type RunEvent = Readonly<Record<string, unknown>>;

/** What a run's folder says of it. */
export interface ReadRun {
  readonly scores: RunScores;
  /** Its log, in order. */
  readonly events: readonly RunEvent[];
  /** By stage. */
  readonly tables: ReadonlyMap<string, Table>;
}

async function readEvents(run: string): Promise<readonly RunEvent[]> {
  const text = await Deno.readTextFile(`${run}/metrics.jsonl`);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** The stages of a run folder, by name. */
async function stagesOf(run: string): Promise<readonly string[]> {
  const names = await Array.fromAsync(Deno.readDir(`${run}/stages`), ({ name }) => name);
  // Names with a dot are results of earlier settings, set aside.
  return names.filter((name) => !name.includes(".")).sort();
}

/** Seconds of each stage that ran, from the log; of a stage that was stopped, since it was resumed last. */
function stageSeconds(events: readonly RunEvent[]): Record<string, number> {
  const finished = events.filter(({ event, state }) => event === "stage" && state === "finished");
  return Object.fromEntries(
    finished.map((
      { stage, seconds },
    ) => [stage as string, Math.round(seconds as number * 10) / 10]),
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

/** The table of a stage, where it has one. */
async function readTable(run: string, stage: string): Promise<Table | undefined> {
  const path = `${run}/stages/${stage}/table.json`;
  try {
    return (await readJson<{ table: Table }>(path)).table;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Reads what a run scored, and what else the folder says.
 *
 * @param run its folder; every stage finished
 * @returns its scores, log and tables
 */
export async function readRun(run: string): Promise<ReadRun> {
  const stages = await stagesOf(run), events = await readEvents(run);
  const tables = new Map<string, Table>(), scores: Record<string, StageScores> = {};
  for (const stage of stages) {
    const table = await readTable(run, stage);
    if (!table) continue;
    tables.set(stage, table);
    scores[stage] = Object.assign({ ...table.summary }, { note: table.note });
  }
  const { seed } = await readJson<Manifest>(`${run}/manifest.json`);
  const recipe = (await Deno.readTextFile(`${run}/recipe.yaml`)).match(/^name: (.+)$/m)?.[1] ?? "";
  const steps = await trainedSteps(run, stages);
  return { scores: { recipe, seed, steps, scores, seconds: stageSeconds(events) }, events, tables };
}
