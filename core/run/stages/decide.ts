import { userError } from "../../errors.ts";
import { hashJson } from "../hash.ts";
import type { PlannedStage } from "./planned.ts";
import { type FinishedMarker, isFinished, type Marker, readMarker, UNKNOWN } from "./marker.ts";
import { applySelection, type Selection } from "./selection.ts";

/** Whether a stage is skipped, continued or run anew. */
export type Decision =
  /** It finished with the same inputs. */
  | { readonly action: "skip"; readonly marker: FinishedMarker }
  /** Its folder holds nothing yet. */
  | { readonly action: "run" }
  /** It was begun with the same inputs, and goes on in its folder. */
  | { readonly action: "continue" }
  /**
   * Its folder is set aside and it starts anew: its inputs changed, it was asked for again, or its marker is missing or damaged.
   */
  | {
    readonly action: "redo";
    readonly why: "changed" | "asked" | "damaged";
    /** The file of a plugin that changed, where that is why. */
    readonly file?: string;
  }
  /** The selection leaves it out, and it has no result that could be used. */
  | {
    readonly action: "leave";
    readonly by: string;
    readonly found: "changed" | "unfinished" | "damaged";
  };

/** Whether a decision has its stage run. */
export function willRun({ action }: Decision): boolean {
  return action !== "skip" && action !== "leave";
}

/**
 * Hash of everything that affects what a stage computes.
 *
 * @param planned the stage
 * @param made which execution of each earlier stage it reads, by id
 * @returns what its marker must say for the stage to be skipped or continued
 */
export function stageFingerprint(
  { fingerprint, stage }: PlannedStage,
  made: ReadonlyMap<string, string>,
): Promise<string> {
  return hashJson([fingerprint, stage.from.map((from) => made.get(from))]);
}

/**
 * Decides for every stage whether it is skipped, continued or run anew; changes nothing.
 *
 * @param stages as `planStages` gave them
 * @param folder holds one folder a stage; need not exist
 * @param selection which stages to run
 * @returns a decision a stage, in order
 * @throws {RangeError} where a stage that is to run reads one that is left out and has no result to read, or the selection is wrong
 */
export async function decideStages(
  stages: readonly PlannedStage[],
  folder: string,
  selection: Selection,
): Promise<readonly Decision[]> {
  const ids = stages.map(({ spec }) => spec.id);
  const chosen = applySelection(selection, ids);
  const decisions = new Map<string, Decision>();
  const made = new Map<string, string>();
  for (const [i, planned] of stages.entries()) {
    const { spec: { id }, stage } = planned;
    const { run, again, leftOutBy = "" } = chosen[i]!;
    const marker = await readMarker(`${folder}/${id}`);
    const sources = stage.from.map((from) => ({ from, decision: decisions.get(from) }));
    const file = await planned.modules.changed(marker?.modules ?? {});
    const current = file === undefined &&
      sources.every(({ decision }) => decision?.action === "skip") &&
      marker?.fingerprint === await stageFingerprint(planned, made);
    let decision: Decision;
    if (current && isFinished(marker) && !again) {
      decision = { action: "skip", marker };
      made.set(id, marker.made);
    } else if (!run) {
      decision = {
        action: "leave",
        by: leftOutBy,
        found: marker ? leftState(marker) : "unfinished",
      };
    } else {
      for (const { from, decision } of sources) {
        if (decision?.action === "leave") throw unusable(id, from, decision);
      }
      if (!marker) decision = { action: "run" };
      else if (again) decision = { action: "redo", why: "asked" };
      else if (current) decision = { action: "continue" };
      else if (marker === UNKNOWN) decision = { action: "redo", why: "damaged" };
      else decision = { action: "redo", why: "changed", ...file !== undefined && { file } };
    }
    decisions.set(id, decision);
  }
  return ids.map((id) => decisions.get(id)!);
}

function leftState(marker: Marker): "changed" | "unfinished" | "damaged" {
  if (marker === UNKNOWN) return "damaged";
  return isFinished(marker) ? "changed" : "unfinished";
}

function unusable(
  id: string,
  from: string,
  { by, found }: Extract<Decision, { action: "leave" }>,
): Error {
  const state = {
    changed: "whose options, data or sources changed since it finished",
    unfinished: "which is not finished in this run folder",
    damaged: "whose stage.json is missing or damaged",
  }[found];
  return userError(
    new RangeError(
      `Cannot run stage ${id}: it reads stage ${from}, ${state} and which ${by} leaves out; run ${from} first, or too`,
    ),
  );
}
