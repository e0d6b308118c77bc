import type { ArtifactKind, StoredArtifact } from "../contracts/artifact.ts";
import { type Group, SINGLE } from "../contracts/group.ts";
import type { Chosen, Stage } from "../contracts/stage.ts";
import { own } from "../registry/own.ts";
import type { Registry } from "../registry/registry.ts";
import { findInfoError } from "./stages/artifact_info.ts";
import { decideStages, type Decision, stageFingerprint } from "./stages/decide.ts";
import { type FinishedMarker, writeMarker } from "./stages/marker.ts";
import type { PlannedStage } from "./stages/planned.ts";
import { firstRanks, type RankContext, runStage, type StageJob } from "./stages/run_stage.ts";
import type { Selection } from "./stages/selection.ts";
import { Stopped } from "./stop.ts";
import type { FileHashes } from "./stored/files.ts";
import { Journal } from "./stored/journal.ts";

/**
 * Renames the results of an earlier recipe, to keep them; nothing is deleted.
 *
 * @param folder a stage's
 */
export async function setAside(folder: string): Promise<void> {
  for (let n = 1;; n++) {
    const target = `${folder}.superseded-${n}`;
    try {
      await Deno.lstat(target);
    } catch {
      return await Deno.rename(folder, target);
    }
  }
}

function madeAgain(file: string): string {
  return `${file} was changed since it was written; it is made again`;
}

/** Names the sources that were finished by a version that kept no file hashes: whether they changed cannot be checked. */
function uncheckedSources(
  { from }: Stage,
  decided: ReadonlyMap<string, Decision>,
): readonly string[] {
  return from.flatMap((id) => {
    const decision = decided.get(id);
    return decision?.action === "skip" && decision.marker.files === undefined
      ? [
        `reads stage ${id}, an earlier version's, whose files carry no hashes: they are not checked`,
      ]
      : [];
  });
}

/** Checks that a stage wrote what it announced: anything else would fail the next stage, or the next run. */
function checkLeft({ spec: { id, run }, gives }: PlannedStage, kind: ArtifactKind, info: unknown) {
  if (kind.name !== gives.kind.name) {
    throw new TypeError(`Stage ${id} (${run}) left ${kind.name}, and said ${gives.kind.name}`);
  }
  const error = findInfoError(kind, info);
  if (error !== undefined) {
    throw new TypeError(`Stage ${id} (${run}) told what no ${kind.name} can be: ${error}`);
  }
}

/** What {@linkcode runStages} needs besides the plan. */
export interface StagesContext extends RankContext {
  readonly registry: Registry;
  /** Holds one folder a stage. */
  readonly folder: string;
  /** Throws where the folder is not this run's alone any more; asked before a stage begins and before it counts as finished. */
  readonly checkFolder?: () => Promise<void>;
  /** One rank without it. */
  readonly group?: Group;
  /** How many of its ranks run a stage, by id; one where not given. */
  readonly ranks?: Readonly<Record<string, number>>;
  /** Which stages to run; all without it. */
  readonly selection?: Selection;
  /** What stages chose, by id. */
  readonly chosen?: Readonly<Record<string, Chosen>>;
}

/**
 * Runs planned stages in order. A stage whose folder says that it finished with the same fingerprint is skipped; one that was
 * begun with the same fingerprint continues in its folder; a folder of another fingerprint is set aside, and so is that of a stage
 * that is asked for again. A stage that the selection leaves out keeps what it has.
 *
 * @param stages as `planStages` gave them
 * @param context run-wide values
 * @returns the artifact by id of each stage that is finished
 * @throws {RangeError} before any work where a stage that is to run reads one that is left out and is not finished
 */
export async function runStages(
  stages: readonly PlannedStage[],
  context: StagesContext,
): Promise<ReadonlyMap<string, StoredArtifact>> {
  const artifacts = new Map<string, StoredArtifact>();
  const made = new Map<string, string>();
  const { folder: stagesFolder, group = SINGLE } = context;
  const decisions = await decideStages(stages, stagesFolder, context.selection ?? {});
  const decided = new Map(stages.map(({ spec }, i) => [spec.id, decisions[i]!]));
  for (const [i, planned] of stages.entries()) {
    const { spec, stage, modules } = planned;
    const decision = decisions[i]!;
    const folder = `${stagesFolder}/${spec.id}`;
    const event = { stage: spec.id, plugin: spec.run };
    if (decision.action === "skip") {
      artifacts.set(spec.id, { ...decision.marker.artifact, folder });
      made.set(spec.id, decision.marker.made);
      await context.observers.stage({ ...event, state: "skipped" });
      for (const file of modules.unfollowed()) {
        const text = `${file} imports by a computed name; a change there would not have been seen`;
        await context.observers.note({ stage: spec.id, text });
      }
      continue;
    }
    if (decision.action === "leave") {
      await context.observers.stage({ ...event, state: "left out" });
      continue;
    }
    await context.checkFolder?.();
    if (context.stop?.requested) throw new Stopped(`before stage ${spec.id}`);
    if (decision.action === "redo") {
      await setAside(folder);
      await context.observers.stage({
        ...event,
        state: "set aside",
        ...decision.file !== undefined && { file: decision.file },
        why: decision.why,
      });
    }
    const fingerprint = await stageFingerprint(planned, made);
    await Deno.mkdir(folder, { recursive: true });
    await writeMarker(folder, { fingerprint, modules: modules.hashes() });
    const { journal, removed } = await Journal.open(folder);
    using _ = journal;
    await context.observers.stage({ ...event, state: "begin" });
    const chosen = own(context.chosen ?? {}, spec.id);
    for (const text of [...removed.map(madeAgain), ...uncheckedSources(stage, decided)]) {
      await context.observers.note({ stage: spec.id, text });
    }
    const started = performance.now();
    const job: StageJob = {
      id: spec.id,
      folder,
      ranks: own(context.ranks ?? {}, spec.id) ?? 1,
      ...chosen && { chosen },
      artifacts: Object.fromEntries(artifacts),
    };
    await group.broadcast<StageJob | null>(job);
    const factory = context.registry.watched(modules.use);
    const { kind, info, announce } = await runStage(
      stage,
      { factory, group: firstRanks(group, job.ranks)!, write: journal.write },
      job,
      context,
    );
    const written = await group.gather<FileHashes>({});
    checkLeft(planned, kind, info);
    const artifact = { kind: kind.name, info };
    await context.backend.check();
    await context.checkFolder?.();
    const files = await journal.finish(written);
    const done: FinishedMarker = {
      fingerprint,
      artifact,
      made: crypto.randomUUID(),
      files,
      modules: modules.hashes(),
    };
    await writeMarker(folder, done);
    made.set(spec.id, done.made);
    artifacts.set(spec.id, { ...artifact, folder });
    if (announce) await context.observers.artifact({ stage: spec.id, ...announce });
    const seconds = (performance.now() - started) / 1000;
    await context.observers.stage({ ...event, state: "finished", seconds });
  }
  await group.broadcast<StageJob | null>(null);
  return artifacts;
}
