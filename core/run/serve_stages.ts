import type { Group } from "../contracts/group.ts";
import type { LoadedRecipe } from "../recipe/load.ts";
import { firstRanks, type RankContext, runStage, type StageJob } from "./stages/run_stage.ts";
import { joinObservers } from "./observers.ts";
import { createStage } from "./stages/plan_stages.ts";
import type { FileHashes } from "./stored/files.ts";
import { Journal } from "./stored/journal.ts";
import { Stopped } from "./stop.ts";

/**
 * Runs a rank's part of the stages that rank 0 begins, until it begins no more. Where this rank fails, all end.
 *
 * @param group of which this is not rank 0
 * @param loaded the recipe and its plugins, as on rank 0
 * @param workerModules URLs of modules that data-loading Workers import
 */
export async function serveStages(
  group: Group,
  { recipe, registry, base }: Pick<LoadedRecipe, "recipe" | "registry" | "base">,
  workerModules: readonly string[],
): Promise<void> {
  try {
    const plugin = await registry.create("backend", recipe.backend, undefined);
    const backend = await plugin.prepare(await registry.createAll("op", undefined));
    const observers = joinObservers([]);
    const context: RankContext = { recipe, base, backend, workerModules, observers };
    for (let job; (job = await group.broadcast<StageJob | null>(null)) !== null;) {
      const { id, folder, ranks, shard } = job;
      const part = firstRanks(group, ranks);
      let files: FileHashes = {};
      if (part) {
        const stage = await createStage(recipe.stages.find((spec) => spec.id === id)!, registry);
        using journal = Journal.join(folder, group.rank, shard);
        const { write } = journal;
        await runStage(stage, { factory: registry, group: part, write }, job, context);
        await backend.check();
        files = journal.hashes();
      }
      await group.gather(files);
    }
  } catch (error) {
    // Rank 0 was asked to stop, and ends the run.
    if (!(error instanceof Stopped)) await group.abort(error);
  }
}
