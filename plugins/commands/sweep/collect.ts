import { isFinished, readMarker } from "../../../core/run/stages/marker.ts";
import { readRecipe } from "../../studio/read_run.ts";
import { howChosen } from "../../wsss/scores/threshold_text.ts";
import { readResult, scoredName } from "../../wsss/scores/result.ts";
import { ARTIFACTS } from "../../wsss/stages/artifacts.ts";
import type { SweepRun } from "./grid.ts";
import type { RunScores } from "./summarize.ts";

/**
 * Reads the scores of runs, as far as their evaluations are finished.
 *
 * @param folder of the sweep, absolute
 * @param runs of it
 * @returns scores of each run that has any
 * @throws {SyntaxError} naming a table that is damaged
 */
export async function collectScores(
  folder: string,
  runs: readonly SweepRun[],
): Promise<readonly RunScores[]> {
  const found: RunScores[] = [];
  for (const { name, settings, seed } of runs) {
    const results: RunScores["results"][number][] = [];
    for (const id of await stageIds(`${folder}/${name}`)) {
      const place = `${folder}/${name}/stages/${id}`;
      const marker = await readMarker(place);
      if (!isFinished(marker) || marker.artifact.kind !== ARTIFACTS.table.name) continue;
      const { table: { summary, threshold }, about } = await readResult(place);
      const chosen = threshold ? `, alpha ${howChosen(threshold)}` : "";
      const measured = `${scoredName(about)} on ${about.split}, ${about.images} images${chosen}`;
      results.push({ stage: id, measured, summary });
    }
    if (results.length > 0) found.push({ name, settings, seed, results });
  }
  return found;
}

/** Ids of a run's stages; none where it has not begun. */
async function stageIds(folder: string): Promise<readonly string[]> {
  try {
    const { recipe } = await readRecipe(folder);
    return recipe.stages.map(({ id }) => id);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
