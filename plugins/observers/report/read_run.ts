import { parse } from "@std/yaml";
import { parseJsonLines, readMarker, type StoredArtifact } from "seamstress";
import { readResult, type Result } from "seamstress/wsss";

/** A stage of the run. */
export interface StageRecord {
  readonly id: string;
  /** Its plugin. */
  readonly run: string;
  /** Absent where the stage did not finish. */
  readonly artifact?: StoredArtifact;
  /** Seconds it took when it ran. */
  readonly seconds?: number;
}

/** Losses after one step of a stage. */
export interface LossPoint {
  readonly step: number;
  readonly losses: Readonly<Record<string, number>>;
}

/** Contents of a run folder. */
export interface RunRecord {
  readonly name: string;
  readonly summary: string;
  /** The resolved recipe, YAML. */
  readonly recipe: string;
  /** Versions, device, commit, seed by name. */
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly stages: readonly StageRecord[];
  /** By stage id. */
  readonly losses: ReadonlyMap<string, readonly LossPoint[]>;
  /** Numbers of validations, by stage id. */
  readonly validations: ReadonlyMap<string, readonly LossPoint[]>;
  /** Tables by the id of their evaluation. */
  readonly results: ReadonlyMap<string, Result>;
}

interface RecipeFile {
  readonly name?: string;
  readonly summary?: string;
  readonly stages?: readonly { readonly id: string; readonly run: string }[];
}

/** A line of `metrics.jsonl`, as far as it is used here. */
interface Line {
  readonly event?: string;
  readonly stage?: string;
  readonly state?: string;
  readonly seconds?: number;
  readonly step?: number;
  readonly losses?: Readonly<Record<string, number | null>>;
  readonly scores?: Readonly<Record<string, number | null>>;
}

/**
 * Tells whether an observer's folder is a run's. A shard logs into a folder of its own, where there is nothing to see: whoever finishes
 * the run shows it.
 *
 * @param folder that the observer writes to
 * @returns whether it holds a recipe
 */
export function isRun(folder: string): Promise<boolean> {
  return Deno.stat(`${folder}/recipe.yaml`).then(() => true, () => false);
}

/** A file's text; empty where there is none: a run may have been made without the observer that writes it. */
async function readOptional(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function readArtifact(folder: string): Promise<StoredArtifact | undefined> {
  const artifact = (await readMarker(folder))?.artifact;
  return artifact && { ...artifact, folder };
}

/** The manifest, or an empty one where it is invalid: the report does not need it. */
function parseManifest(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

/** Numbers by step: losses of steps, or scores of validations. */
function collectPoints(
  lines: readonly Line[],
  of: "step" | "validation",
): ReadonlyMap<string, readonly LossPoint[]> {
  const byStage = new Map<string, LossPoint[]>();
  for (const { event, stage, step, ...line } of lines) {
    const losses = of === "step" ? line.losses : line.scores;
    if (event !== of || stage === undefined || step === undefined || !losses) continue;
    const finite = Object.entries(losses).filter((entry): entry is [string, number] =>
      entry[1] !== null
    );
    const points = byStage.get(stage) ?? [];
    points.push({ step, losses: Object.fromEntries(finite) });
    byStage.set(stage, points);
  }
  return byStage;
}

/**
 * Reads a run folder.
 *
 * @param folder the run folder
 * @param leftOut ids of stages whose earlier results are of other settings or sources: they count as not finished
 * @returns recipe, manifest, stages, losses and tables
 * @throws {Deno.errors.NotFound} where the folder holds no run
 */
export async function readRun(
  folder: string,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<RunRecord> {
  const recipe = await Deno.readTextFile(`${folder}/recipe.yaml`);
  const { name = "run", summary = "", stages = [] } = parse(recipe) as RecipeFile;
  const lines = parseJsonLines<Line>(await readOptional(`${folder}/metrics.jsonl`));
  const results = new Map<string, Result>();
  const records: StageRecord[] = [];
  for (const { id, run } of stages) {
    const artifact = leftOut.has(id) ? undefined : await readArtifact(`${folder}/stages/${id}`);
    const seconds = lines.findLast((line) => line.stage === id && line.state === "finished")
      ?.seconds;
    if (artifact?.kind === "table") results.set(id, await readResult(artifact.folder));
    records.push({
      id,
      run,
      ...artifact && { artifact },
      ...seconds !== undefined && { seconds },
    });
  }
  return {
    name,
    summary,
    recipe,
    manifest: parseManifest(await readOptional(`${folder}/manifest.json`)),
    stages: records,
    losses: collectPoints(lines, "step"),
    validations: collectPoints(lines, "validation"),
    results,
  };
}
