import type { StoredArtifact } from "../contracts/artifact.ts";
import type { Group } from "../contracts/group.ts";
import { joinObservers } from "./observers.ts";
import { continueManifest, makeManifest } from "./manifest.ts";
import { type PlanOptions, planRun, type RunPlan } from "./plan.ts";
import type { LoadedRecipe } from "../recipe/load.ts";
import { RunFolder } from "./run_folder.ts";
import type { FollowModules } from "./stage_modules.ts";
import { serveStages } from "./serve_stages.ts";
import { runStages } from "./stages.ts";
import { type Stop, Stopped } from "./stop.ts";

/** Options of {@linkcode runRecipe}. */
export interface RunOptions extends PlanOptions {
  /** URLs of the shipped modules that data-loading Workers import. */
  readonly workerModules: readonly string[];
  /** Whether to stop; looked at between two steps or images. */
  readonly stop?: Stop;
}

/**
 * Runs a recipe: checks everything, prepares the backend, then runs the stages in order into the run folder. Of ranks that were
 * started before, rank 0 does so, and the others compute their part of what it begins.
 *
 * @param loaded the recipe and its plugins
 * @param options where to, and whether to continue
 * @param followModules finds the source files of the recipe's own plugins
 * @returns the artifact by id of each stage that is finished; on other ranks than 0 none
 * @throws {Stopped} where it was asked to stop
 * @throws before any work where something is missing or does not fit; with everything written so far intact later
 */
export async function runRecipe(
  loaded: LoadedRecipe,
  options: RunOptions,
  followModules: FollowModules,
): Promise<ReadonlyMap<string, StoredArtifact>> {
  const { recipe, registry, base, modules } = loaded;
  const { pluginModules } = options;
  const workerModules = [...options.workerModules, ...modules];
  const joining = {
    recipe,
    base,
    modules: pluginModules ? [...pluginModules, ...modules] : [],
    workerModules,
  };
  const plugin = await registry.create("group", recipe.group, undefined);
  await using joined = plugin.external ? await plugin.join(joining) : null;
  if (joined && joined.rank > 0) {
    await serveStages(joined, loaded, workerModules);
    return new Map();
  }
  try {
    const started = performance.now();
    const plan = await planRun(loaded, options, followModules, plugin);
    if (options.stop?.requested) throw new Stopped("before the first stage");
    const size = Math.max(1, ...Object.values(plan.ranks));
    await using own = joined
      ? null
      : await plugin.join({ ...joining, backend: plan.backend, size });
    const group = joined ?? own!;
    return await runPlan(loaded, options, plan, { group, workerModules, started });
  } catch (error) {
    await joined?.abort(error);
    throw error;
  }
}

async function runPlan(
  { recipe, registry, base }: LoadedRecipe,
  { resume, sharing, selection = {}, stop }: RunOptions,
  plan: RunPlan,
  context: {
    readonly group: Group;
    readonly workerModules: readonly string[];
    readonly started: number;
  },
): Promise<ReadonlyMap<string, StoredArtifact>> {
  const { backend, stages, observers: named, chosen, ranks } = plan;
  const { group, workerModules, started } = context;
  await using folder = await RunFolder.open(plan.folder, { resume, sharing });
  const look = () => {
    group.check?.();
    return folder.checkLock();
  };
  const observers = joinObservers([
    // A long stage stops at its next step or image.
    { step: look, progress: look },
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
  const manifest = {
    ...await makeManifest(recipe, backend, base, data),
    ...group.size > 1 && { ranks: group.size },
    ...anyChosen,
  };
  await folder.writeManifest(continueManifest(manifest, await folder.readManifest()));
  try {
    await observers.start({
      name: recipe.name,
      folder: folder.path,
      backend: backend.name,
      device: backend.device,
      ...group.size > 1 && { ranks: group.size },
      ...backend.precision === "f16" && { precision: backend.precision },
      stages: recipe.stages.map((stage) => stage.id),
      ...anyChosen,
    });
    const artifacts = await runStages(stages, {
      recipe,
      registry,
      base,
      folder: `${folder.path}/stages`,
      checkFolder: () => folder.checkLock(),
      backend,
      group,
      ranks,
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
    // Before the folder is another's: nobody writes any more.
    await group.abort(error);
    throw error;
  }
}
