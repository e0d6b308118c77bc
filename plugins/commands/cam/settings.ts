import { isUserError } from "../../../core/errors.ts";
import {
  type PhotographSettings,
  photographSettings,
} from "../../wsss/inference/photograph_settings.ts";
import { readResult, RESULT } from "../../wsss/scores/result.ts";
import { USUAL_ALPHA } from "../../wsss/scores/threshold.ts";
import type { OpenRun } from "../from_run/load_run.ts";

/** How the CAMs of a photograph are inferred. */
export interface CamSettings extends PhotographSettings {
  /** Where alpha comes from, for people. */
  readonly alphaFrom: string;
}

/**
 * Chooses how CAMs are inferred: as the run itself infers those of this network, with the threshold that it scored them at.
 *
 * @param run whose network it is
 * @param stage that trained it
 * @param outputs of its head
 * @returns the settings
 */
export async function camSettings(
  run: OpenRun,
  stage: string,
  outputs: readonly string[],
): Promise<CamSettings> {
  const { settings, infers } = photographSettings(run.loaded.recipe.stages, stage, outputs);
  const found = await scoredAlpha(run, infers);
  return { ...settings, ...found ?? { alpha: USUAL_ALPHA, alphaFrom: "the usual one" } };
}

/** The threshold of the first evaluation of CAMs that is finished. */
async function scoredAlpha(
  { folder, loaded: { recipe }, markers }: OpenRun,
  cams: readonly string[],
): Promise<Pick<CamSettings, "alpha" | "alphaFrom"> | undefined> {
  for (const { id, from } of recipe.stages) {
    if (!cams.includes(String(from)) || markers.get(id)?.artifact?.kind !== "table") continue;
    try {
      const { table } = await readResult(`${folder}/stages/${id}`);
      const alpha = table.threshold?.value;
      if (alpha !== undefined) return { alpha, alphaFrom: `stage ${id} (stages/${id}/${RESULT})` };
    } catch (error) {
      // A damaged table of another stage is no reason to refuse a photograph.
      if (!isUserError(error)) throw error;
    }
  }
  return undefined;
}
