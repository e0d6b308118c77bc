import type { StoredArtifact } from "../contracts/artifact.ts";
import { joinObservers } from "./observers.ts";
import { continueManifest, makeManifest } from "./manifest.ts";
import { type PlanOptions, planRun } from "./plan.ts";
import type { LoadedRecipe } from "../recipe/load.ts";
import { RunFolder } from "./run_folder.ts";
import type { FollowModules } from "./stage_modules.ts";
import { runStages } from "./stages.ts";
import { type Stop, Stopped } from "./stop.ts";

/** Options of {@linkcode runRecipe}. */
export interface RunOptions extends PlanOptions {
  /** URLs of the shipped modules that data-loading Workers import. */
  readonly workerModules: readonly string[];
  /** URLs of modules that export every shipped plugin, for ranks that are started; without them there are none. */
  readonly pluginModules?: readonly string[];
  /** Whether to stop; looked at between two steps or images. */
  readonly stop?: Stop;
}

/**
 * Runs a recipe: checks everything, prepares the backend, then runs the stages in order into the run folder.
 *
 * @param loaded the recipe and its plugins
 * @param options where to, and whether to continue
 * @param followModules finds the source files of the recipe's own plugins
 * @returns the artifact by id of each stage that is finished
 * @throws {Stopped} where it was asked to stop
 * @throws before any work where something is missing or does not fit; with everything written so far intact later
 */
export async function runRecipe(
  loaded: LoadedRecipe,
  options: RunOptions,
  followModules: FollowModules,
): Promise<ReadonlyMap<string, StoredArtifact>> {
  const { recipe, registry, base, modules } = loaded;
  const { selection = {}, stop } = options;
  const started = performance.now();
  const plan = await planRun(loaded, options, followModules);
  const { backend, stages, observers: named, chosen, ranks: size } = plan;
  if (stop?.requested) throw new Stopped("before the first stage");
  await using folder = await RunFolder.open(plan.folder, { resume: options.resume });
  const observers = joinObservers([
    // A long stage stops at its next step or image.
    { step: () => folder.checkLock(), progress: () => folder.checkLock() },
    named,
    {
      progress({ stage, done, total, unit }) {
        if (stop?.requested && done < total) {
          throw new Stopped(`stage ${stage} after ${done} of ${total} ${unit}`);
        }
      },
    },
  ]);
  await folder.writeRecipe(recipe);
  const data = Object.fromEntries(stages.map(({ spec, data }) => [spec.id, data]));
  const anyChosen = Object.keys(chosen).length > 0 && { chosen };
  const manifest = { ...await makeManifest(recipe, backend, base, data), ...anyChosen };
  await folder.writeManifest(continueManifest(manifest, await folder.readManifest()));
  try {
    await observers.start({
      name: recipe.name,
      folder: folder.path,
      backend: backend.name,
      device: backend.device,
      ...backend.precision === "f16" && { precision: backend.precision },
      stages: recipe.stages.map((stage) => stage.id),
      ...anyChosen,
    });
    const workerModules = [...options.workerModules, ...modules];
    const { pluginModules } = options;
    await using group = await (await registry.create("group", recipe.group, undefined)).join({
      recipe,
      base,
      modules: pluginModules === undefined ? [] : [...pluginModules, ...modules],
      workerModules,
      size,
    });
    const artifacts = await runStages(stages, {
      recipe,
      registry,
      base,
      folder: `${folder.path}/stages`,
      checkFolder: () => folder.checkLock(),
      backend,
      group,
      workerModules,
      observers,
      selection,
      chosen,
      ...stop && { stop },
    });
    await observers.end({ seconds: (performance.now() - started) / 1000 });
    return artifacts;
  } catch (error) {
    await observers.error({ error });
    throw error;
  }
}
