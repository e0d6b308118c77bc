import type { StoredArtifact } from "../../core/contracts/artifact.ts";
import { messageOf, userError } from "../../core/errors.ts";
import { setAside } from "../../core/run/stages.ts";
import { decideStages, stageFingerprint } from "../../core/run/stages/decide.ts";
import { writeMarker } from "../../core/run/stages/marker.ts";
import type { PlannedStage } from "../../core/run/stages/planned.ts";
import type { Selection } from "../../core/run/stages/selection.ts";
import { writeAtomic } from "../../core/run/atomic.ts";
import { type Job, jobDifference } from "../modules/job.ts";

/** Where the runs of two shards differ, in words. */
const PLACES = { first: "in a shard that began before", other: "here" };

/**
 * Makes sure that the shards of a run compute the same: the first writes down what, the others compare. One at a time.
 *
 * @param path where it is written
 * @param job of this shard
 * @throws {Error} naming the first difference
 */
export async function joinJob(path: string, job: Job): Promise<void> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return await writeAtomic(path, JSON.stringify(job) + "\n");
  }
  let first: Job;
  try {
    first = JSON.parse(text);
  } catch (error) {
    throw userError(
      new Error(`Cannot read ${path}, which says what the shards compute: ${messageOf(error)}`),
    );
  }
  // Through JSON, as the other was.
  const own: Job = JSON.parse(JSON.stringify(job));
  const difference = jobDifference(first, own, PLACES);
  if (difference === undefined) return;
  throw userError(
    new Error(
      `Cannot join the shards of this run: ${difference}; every shard needs the same command line, recipe, data and code. ` +
        `To begin anew with this shard's, remove ${path} while none runs`,
    ),
  );
}

/** Stages as the run folder has them when a shard begins. */
export interface Begun {
  /** Those that are to be done, in order. */
  readonly stages: readonly PlannedStage[];
  /** The finished ones' results, by id. */
  readonly artifacts: ReadonlyMap<string, StoredArtifact>;
}

/**
 * Begins stages, or joins them where another shard has begun them: results of other options are set aside by the first. One at a time.
 *
 * @param planned all stages
 * @param folder holds one folder a stage
 * @param shared ids of those to begin
 * @param selection of the run
 * @returns what there is to do and to read
 */
export async function beginStages(
  planned: readonly PlannedStage[],
  folder: string,
  shared: readonly string[],
  selection: Selection,
): Promise<Begun> {
  const decisions = await decideStages(planned, folder, selection);
  const artifacts = new Map<string, StoredArtifact>();
  const made = new Map<string, string>();
  const stages: PlannedStage[] = [];
  for (const [i, stage] of planned.entries()) {
    const { id } = stage.spec;
    const decision = decisions[i]!;
    if (decision.action === "skip") {
      artifacts.set(id, { ...decision.marker.artifact, folder: `${folder}/${id}` });
      made.set(id, decision.marker.made);
    }
    if (!shared.includes(id) || decision.action === "skip") continue;
    if (decision.action === "redo") await setAside(`${folder}/${id}`);
    if (decision.action !== "continue") {
      await Deno.mkdir(`${folder}/${id}`, { recursive: true });
      const fingerprint = await stageFingerprint(stage, made);
      await writeMarker(`${folder}/${id}`, { fingerprint, modules: stage.modules.hashes() });
    }
    stages.push(stage);
  }
  return { stages, artifacts };
}
