import type { Artifact } from "./contracts/stage.ts";
import { joinObservers } from "./observers.ts";
import { hashBytes } from "./hash.ts";
import { continueManifest, makeManifest } from "./manifest.ts";
import type { LoadedRecipe } from "./recipe/load.ts";
import { RunFolder } from "./run_folder.ts";
import { planStages, runStages } from "./stages.ts";
import { decideStages } from "./stages/decide.ts";
import { applySelection, type Selection } from "./stages/selection.ts";

/** How to run a recipe. */
export interface RunOptions {
  /** The run folder; made where there is none. */
  readonly folder: string;
  /** Continue what is in the folder already. */
  readonly resume: boolean;
  /** URLs of the shipped modules that data-loading Workers import. */
  readonly workerModules: readonly string[];
  /** Which stages to run; all without it. */
  readonly selection?: Selection;
}

/**
 * Runs a recipe: checks everything, prepares the backend, then runs the stages in order into the run folder.
 *
 * @param loaded the recipe and its plugins
 * @param options where to, and whether to continue
 * @returns the artifact by id of each stage that is finished
 * @throws before any work where something is missing or does not fit; with everything written so far intact later
 */
export async function runRecipe(
  loaded: LoadedRecipe,
  options: RunOptions,
): Promise<ReadonlyMap<string, Artifact>> {
  const { recipe, registry, base } = loaded;
  const { selection = {} } = options;
  // A mistyped id is said at once, before the backend starts and data is looked at.
  applySelection(selection, recipe.stages.map(({ id }) => id));
  const started = performance.now();
  const backendPlugin = await registry.create("backend", recipe.backend, undefined);
  await RunFolder.check(options.folder, { resume: options.resume });
  const backend = await backendPlugin.prepare();
  const stages = await planStages(recipe, registry, base, {
    backend: backend.name,
    // Editing a plugin redoes what it made; modules that it imports in turn are not seen.
    modules: await Promise.all(
      loaded.modules.map(async (url) => hashBytes(await Deno.readFile(new URL(url)))),
    ),
  });
  await decideStages(stages, `${options.folder}/stages`, selection);
  await using folder = await RunFolder.open(options.folder, { resume: options.resume });
  await folder.writeRecipe(recipe);
  const data = Object.fromEntries(stages.map(({ spec, data }) => [spec.id, data]));
  const manifest = await makeManifest(recipe, backend, base, data);
  await folder.writeManifest(continueManifest(manifest, await folder.readManifest()));
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
      selection,
    });
    await observers.end({ seconds: (performance.now() - started) / 1000 });
    return artifacts;
  } catch (error) {
    await observers.error({ error });
    throw error;
  }
}
