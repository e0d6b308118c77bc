import { parse } from "@std/yaml";
import { messageOf } from "seamstress";
import { groupNames, readResult, RESULT, type Result } from "seamstress/wsss";
import type { FoundRun } from "./find_runs.ts";
import { ReadFiles } from "./read_files.ts";
import { MARK, readMark } from "./read_mark.ts";
import { type Place, runState, type State } from "./run_state.ts";

/** A stage as the resolved recipe has it. */
export interface RecipeStage extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly run: string;
}

/** The resolved recipe, as far as the studio reads it. */
export interface RunRecipe extends Readonly<Record<string, unknown>> {
  readonly name?: string;
  readonly summary?: string;
  readonly seed?: number;
  readonly stages: readonly RecipeStage[];
}

/** A stage of a run. */
export interface StageSummary {
  readonly id: string;
  /** Its plugin. */
  readonly run: string;
  readonly state: "finished" | "begun" | "waiting";
  /** Kind of what it left. */
  readonly kind?: string;
  /** Scores, of an evaluation. */
  readonly result?: Result;
  /** Names of its optimizer's parameter groups, of a training. */
  readonly groups?: readonly string[];
  /** What could not be read, and why. */
  readonly fault?: string;
}

/** A run in the list of runs. */
export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly state: State | "damaged";
  /** Why it is damaged. */
  readonly fault?: string;
  readonly title?: string;
  readonly seed?: number;
  readonly backend?: string;
  /** ISO time. */
  readonly started?: string;
  /** ISO time of the last line of its log. */
  readonly lastEvent?: string;
  readonly stages?: readonly StageSummary[];
  /** Stage that its log named last, and steps there. */
  readonly at?: Place;
}

/** A run with its settings. */
export interface RunDetails extends RunSummary {
  readonly recipe?: RunRecipe;
  readonly recipeText?: string;
  readonly manifest?: Manifest;
}

interface WrittenRecipe {
  readonly recipe: RunRecipe;
  readonly text: string;
}

async function parseRecipe(path: string): Promise<WrittenRecipe> {
  const text = await Deno.readTextFile(path);
  const recipe = parse(text) as Partial<RunRecipe> | null;
  const stages = recipe?.stages;
  const sound = Array.isArray(stages) &&
    stages.every((stage) => typeof stage?.id === "string" && typeof stage?.run === "string");
  if (!sound) throw new SyntaxError("recipe.yaml has no list of stages");
  return { recipe: recipe as RunRecipe, text };
}

const recipes = new ReadFiles<WrittenRecipe>();

/**
 * Reads a run's resolved recipe.
 *
 * @param folder of the run
 * @returns the recipe and its text
 * @throws {Error} where it is no recipe
 */
export function readRecipe(folder: string): Promise<WrittenRecipe> {
  const path = `${folder}/recipe.yaml`;
  return recipes.get([path], () => parseRecipe(path));
}

type Manifest = Readonly<Record<string, unknown>>;

const manifests = new ReadFiles<Manifest>();

/**
 * Reads a run's manifest.
 *
 * @param folder of the run
 * @returns versions, device, commit, seed; nothing where there is none, or a broken one
 */
function readManifest(folder: string): Promise<Manifest> {
  const path = `${folder}/manifest.json`;
  return manifests.get([path], async () => {
    try {
      return { ...JSON.parse(await Deno.readTextFile(path)) };
    } catch {
      return {};
    }
  });
}

const results = new ReadFiles<Result>();

async function summarizeStage(folder: string, stage: RecipeStage): Promise<StageSummary> {
  const { id, run } = stage;
  const at = `${folder}/stages/${id}`;
  try {
    const marker = await readMark(at);
    const artifact = marker?.artifact;
    const state = artifact ? "finished" : marker ? "begun" : "waiting";
    const result = artifact?.kind === "table"
      ? await results.get([`${at}/${RESULT}`, `${at}/${MARK}`], () => readResult(at))
      : undefined;
    const groups = "optimizer" in stage ? groupNames(stage["optimizer"]) : undefined;
    return {
      id,
      run,
      state,
      ...artifact && { kind: artifact.kind },
      ...groups && { groups },
      ...result && { result },
    };
  } catch (error) {
    return { id, run, state: "begun", fault: messageOf(error) };
  }
}

const text = (value: unknown) => typeof value === "string" ? value : undefined;

/**
 * Reads a run folder, whatever state it is in.
 *
 * @param run the folder
 * @returns what it holds; `damaged` where its recipe cannot be read
 */
export async function readRun({ id, name, folder }: FoundRun): Promise<RunDetails> {
  try {
    const { recipe, text: recipeText } = await readRecipe(folder);
    const end = await runState(folder);
    const manifest = await readManifest(folder);
    const stages: StageSummary[] = [];
    for (const stage of recipe.stages) stages.push(await summarizeStage(folder, stage));
    const [title, backend, started] = [
      text(recipe.summary) ?? text(recipe.name),
      text(manifest["backend"]),
      text(manifest["started"]),
    ];
    return {
      id,
      name,
      ...end,
      stages,
      recipe,
      recipeText,
      manifest,
      ...title !== undefined && { title },
      ...typeof recipe.seed === "number" && { seed: recipe.seed },
      ...backend !== undefined && { backend },
      ...started !== undefined && { started },
    };
  } catch (error) {
    return { id, name, state: "damaged", fault: messageOf(error) };
  }
}

/**
 * What the list of runs says of one.
 *
 * @param run its folder
 * @returns without settings; tables with their headline alone
 */
export async function summarizeRun(run: FoundRun): Promise<RunSummary> {
  const { recipe: _, recipeText: __, manifest: ___, ...summary } = await readRun(run);
  if (!summary.stages) return summary;
  const stages = summary.stages.map(({ result, groups: __, ...stage }): StageSummary => {
    if (!result) return stage;
    const { curves: _, ...table } = result.table;
    return { ...stage, result: { ...result, table: { ...table, rows: [] } } };
  });
  return { ...summary, stages };
}
