import type { Artifact } from "./contracts/stage.ts";
import { joinObservers } from "./observers.ts";
import { makeManifest } from "./manifest.ts";
import type { LoadedRecipe } from "./recipe/load.ts";
import { RunFolder } from "./run_folder.ts";
import { planStages, runStages } from "./stages.ts";

/** How to run a recipe. */
export interface RunOptions {
  /** The run folder; made where there is none. */
  readonly folder: string;
  /** Continue what is in the folder already. */
  readonly resume: boolean;
  /** URLs of the shipped modules that data-loading Workers import. */
  readonly workerModules: readonly string[];
}

/**
 * Runs a recipe: checks everything, prepares the backend, then runs the stages in order into the run folder.
 *
 * @param loaded the recipe and its plugins
 * @param options where to, and whether to continue
 * @returns the artifact of each stage by id
 * @throws before any work where something is missing or does not fit; with everything written so far intact later
 */
export async function runRecipe(
  loaded: LoadedRecipe,
  options: RunOptions,
): Promise<ReadonlyMap<string, Artifact>> {
  const { recipe, registry, base } = loaded;
  const started = performance.now();
  const backendPlugin = await registry.create("backend", recipe.backend, undefined);
  await RunFolder.check(options.folder, { resume: options.resume });
  const backend = await backendPlugin.prepare();
  const stages = await planStages(recipe, registry, base, backend.name);
  await using folder = await RunFolder.open(options.folder, { resume: options.resume });
  const fingerprints = Object.fromEntries(
    stages.map((stage) => [stage.spec.id, stage.fingerprint]),
  );
  await folder.writeRecipe(recipe);
  await folder.writeManifest(await makeManifest(recipe, backend, base, fingerprints));
  const observers = joinObservers(
    await Promise.all(
      recipe.observers.map((use) =>
        registry.create("observer", use, { folder: folder.path, resumed: folder.resumed })
      ),
    ),
  );
  try {
    await observers.start({
      name: recipe.name,
      folder: folder.path,
      backend: backend.name,
      device: backend.device,
      stages: recipe.stages.map((stage) => stage.id),
    });
    const artifacts = await runStages(stages, {
      recipe,
      registry,
      base,
      folder: `${folder.path}/stages`,
      backend,
      workerModules: [...options.workerModules, ...loaded.modules],
      observers,
    });
    await observers.end({ seconds: (performance.now() - started) / 1000 });
    return artifacts;
  } catch (error) {
    await observers.error({ error });
    throw error;
  }
}
