import type { BackendInfo } from "../contracts/backend.ts";
import type { GroupPlugin } from "../contracts/group.ts";
import type { Observer } from "../contracts/observer.ts";
import type { Chosen } from "../contracts/stage.ts";
import type { Use } from "../registry/plugin.ts";
import { joinObservers } from "./observers.ts";
import { own } from "../registry/own.ts";
import type { LoadedRecipe } from "../recipe/load.ts";
import { realFolder } from "./real_folder.ts";
import { readManifest, RunFolder } from "./run_folder.ts";
import type { FollowModules } from "./stage_modules.ts";
import { planStages, stagePlan } from "./stages/plan_stages.ts";
import type { PlannedStage } from "./stages/planned.ts";
import { countRanks } from "./stages/count_ranks.ts";
import { decideStages, type Decision, willRun } from "./stages/decide.ts";
import { applySelection, type Selection } from "./stages/selection.ts";

/** The run folder, and which stages to run. */
export interface PlanOptions {
  /** The run folder, absolute; created where there is none. */
  readonly folder: string;
  /** Continue what is in the folder already. */
  readonly resume: boolean;
  /** Another folder for what observers write; the run folder without it. */
  readonly logFolder?: string;
  /** Whether others compute the run too, as `RunFolder.open` takes it. */
  readonly sharing?: "beside" | "last";
  /** Which stages to run; all without it. */
  readonly selection?: Selection;
  /** URLs of modules that export every shipped plugin, for ranks that are started; without them none is. */
  readonly pluginModules?: readonly string[];
  /** Watch the run beside the recipe's own observers. */
  readonly observers?: readonly Use<"observer">[];
}

/** A run after every check that needs no computation. */
export interface RunPlan {
  /** The run folder, without links on the way. */
  readonly folder: string;
  /** Prepared. */
  readonly backend: BackendInfo;
  /** How many ranks run each stage that will run, by id. */
  readonly ranks: Readonly<Record<string, number>>;
  readonly stages: readonly PlannedStage[];
  /** What will become of each stage. */
  readonly decisions: readonly Decision[];
  /** What stages chose that their options leave to the device, by id; those that chose anything. */
  readonly chosen: Readonly<Record<string, Chosen>>;
  readonly observers: Required<Observer>;
}

/**
 * Checks a run (folder, backend, every stage, observers) and decides which stages to run. Writes nothing.
 *
 * @param loaded the recipe and its plugins
 * @param options where to, and which part
 * @param followModules finds the source files of the recipe's own plugins
 * @param given the recipe's group, where it was created before
 * @returns the plan
 * @throws where something is missing or does not fit
 */
export async function planRun(
  loaded: LoadedRecipe,
  options: PlanOptions,
  followModules: FollowModules,
  given?: GroupPlugin,
): Promise<RunPlan> {
  const { recipe, registry, base } = loaded;
  const { resume, sharing, selection = {} } = options;
  const ids = recipe.stages.map(({ id }) => id);
  // A mistyped id is said at once, before the backend starts and data is looked at.
  applySelection(selection, ids);
  // Once: where a link leads may change while the run goes on.
  const folder = await realFolder(options.folder);
  const backendPlugin = await registry.create("backend", recipe.backend, undefined);
  const resumed = await RunFolder.check(folder, { resume, sharing });
  const backend = await backendPlugin.prepare(await registry.createAll("op", undefined));
  const observers = joinObservers(
    await Promise.all(
      [...recipe.observers, ...options.observers ?? []].map((use) =>
        registry.create("observer", use, {
          folder: options.logFolder ?? folder,
          resumed,
          backend,
        })
      ),
    ),
  );
  await observers.check({ stages: ids });
  const stages = await planStages(recipe, registry, base, {
    backend: backend.name,
    ...backend.precision === "f16" && { precision: backend.precision },
  }, await followModules(loaded.modules, base));
  const decisions = await decideStages(stages, `${folder}/stages`, selection);
  const before = (await readManifest(folder))?.chosen ?? {};
  const group = given ?? await registry.create("group", recipe.group, undefined);
  const { fixed = group.external ?? false } = group;
  const most = options.pluginModules || group.external ? await group.size(backend) : 1;
  const chosen: Record<string, Chosen> = {};
  const ranks: Record<string, number> = {};
  const planning = { recipe, registry, base, stages, ranks: most, localRanks: group.localSize?.() };
  const planOf = (id: string) => stagePlan(planning, id, own(chosen, id));
  for (const [i, { spec: { id }, stage }] of stages.entries()) {
    const { action } = decisions[i]!;
    const earlier = own(before, id);
    const anew = action === "run" || action === "redo" || earlier === undefined;
    const runs = willRun(decisions[i]!);
    if (stage.choose && !anew) chosen[id] = earlier;
    else if (stage.choose && runs) {
      const choice = await stage.choose(planOf(id), backend);
      if (Object.keys(choice).length > 0) chosen[id] = choice;
    }
    if (runs) ranks[id] = await countRanks(stage, planOf(id), most, fixed);
  }
  return { folder, backend, ranks, stages, decisions, observers, chosen };
}
