import type { StoredArtifact } from "../../core/contracts/artifact.ts";
import type { LoadedRecipe } from "../../core/recipe/load.ts";
import { type RunOptions, runRecipe as runFollowed } from "../../core/run/run.ts";
import { followModules } from "./follow_modules.ts";

/**
 * Runs a recipe: checks everything, prepares the backend, then runs the stages in order into the run folder. Where the recipe has
 * plugins of its own, a stage that used one is run again once a file of its source changed.
 *
 * @param loaded the recipe and its plugins
 * @param options where to, and whether to continue
 * @returns the artifact by id of each stage that is finished
 * @throws {Stopped} where it was asked to stop
 * @throws before any work where something is missing or does not fit; with everything written so far intact later
 */
export function runRecipe(
  loaded: LoadedRecipe,
  options: RunOptions,
): Promise<ReadonlyMap<string, StoredArtifact>> {
  return runFollowed(loaded, options, followModules);
}
