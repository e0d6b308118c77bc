import type { ArtifactKind, EarlierArtifact } from "../../contracts/artifact.ts";
import type { Chosen, Stage, StagePlan } from "../../contracts/stage.ts";
import { userError } from "../../errors.ts";
import type { Recipe, RecipeStage } from "../../recipe/schema.ts";
import { own } from "../../registry/own.ts";
import type { Registry } from "../../registry/registry.ts";
import { didYouMean } from "../../registry/suggest.ts";
import { hashJson } from "../hash.ts";
import { NO_MODULES, type StageModules } from "../stage_modules.ts";
import type { PlannedStage } from "./planned.ts";

function earlierStage(recipe: Recipe, id: string, wanted: string): RecipeStage {
  const before = recipe.stages.slice(0, recipe.stages.findIndex((stage) => stage.id === id));
  const found = before.find((stage) => stage.id === wanted);
  if (found) return found;
  const names = before.map((stage) => stage.id);
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: no earlier stage "${wanted}"${didYouMean(wanted, names)}; ` +
        (names.length > 0 ? `earlier stages: ${names.join(", ")}` : "it is the first"),
    ),
  );
}

/** What {@linkcode planStages} needs. */
export interface PlanContext extends Pick<StagePlan, "ranks" | "localRanks"> {
  /** Resolved. */
  readonly recipe: Recipe;
  readonly registry: Registry;
  /** Folder that relative paths start from. */
  readonly base: string;
  /** Those that were created, at least all before the one that is planned. */
  readonly stages: readonly Pick<PlannedStage, "spec" | "gives">[];
}

/**
 * Creates what a stage is planned with.
 *
 * @param context recipe, plugins and earlier stages
 * @param id the stage
 * @param chosen what it chose
 * @returns for its `check`, `gives`, `choose` and `estimate`
 */
export function stagePlan(
  { recipe, registry, base, stages, ...ranks }: PlanContext,
  id: string,
  chosen?: Chosen,
): StagePlan {
  return {
    id,
    ...chosen && { chosen },
    ...ranks,
    base,
    dataset: recipe.dataset,
    factory: registry,
    earlier<T extends readonly ArtifactKind[]>(wanted: string, ...kinds: T) {
      const { run } = earlierStage(recipe, id, wanted);
      const { kind: { name }, facts } = stages.find(({ spec }) => spec.id === wanted)!.gives;
      const names = kinds.map(({ name }) => name);
      // Kinds are told apart by name, and facts are of their kind.
      if (names.includes(name)) {
        return Promise.resolve({ kind: name, facts } as unknown as EarlierArtifact<T[number]>);
      }
      throw userError(
        new TypeError(
          `Cannot plan stage ${id}: it reads ${
            names.join(" or ")
          } from stage "${wanted}", which runs ${run} and gives ${name}`,
        ),
      );
    },
  };
}

/**
 * Creates every stage and lets it check its options and inputs, before any work starts.
 *
 * @param recipe resolved
 * @param registry the plugins
 * @param base folder that relative paths start from
 * @param decisive what else decides every stage's result: the backend
 * @param beginModules begins the source files of a stage; without it, all plugins ship
 * @returns the stages in order
 * @throws whatever a stage's check finds
 */
export async function planStages(
  recipe: Recipe,
  registry: Registry,
  base: string,
  decisive: Readonly<Record<string, unknown>>,
  beginModules: () => StageModules = NO_MODULES,
): Promise<readonly PlannedStage[]> {
  const planned: PlannedStage[] = [];
  for (const spec of recipe.stages) {
    const { id } = spec;
    const modules = beginModules();
    const watched = registry.watched(modules.use);
    watched.find("dataset", recipe.dataset.use);
    watched.find("backend", recipe.backend.use);
    const stage = await createStage(spec, watched);
    for (const from of stage.from) earlierStage(recipe, id, from);
    const plan = stagePlan({ recipe, registry: watched, base, stages: planned }, id);
    const data = await stage.check(plan);
    const fingerprint = await hashJson({
      spec: withoutPaths(spec, stage.resumeIgnores ?? []),
      data,
      dataset: recipe.dataset,
      seed: recipe.seed,
      ...decisive,
      // Earlier versions hashed a list of modules here; runs without any are still theirs.
      modules: [],
    });
    const gives = await stage.gives(plan);
    planned.push({ spec, stage, gives, data, fingerprint, modules });
  }
  return planned;
}

/**
 * Creates a stage.
 *
 * @param spec as the recipe has it
 * @param registry the plugins
 * @returns the stage, not yet checked
 */
export function createStage(
  { id: _, ...options }: RecipeStage,
  registry: Registry,
): Promise<Stage> {
  // A stage is named by `run` where other plugins are by `use`; the registry knows.
  return registry.create("stage", options as never, undefined);
}

/** A copy of options without those at some paths, such as `batch.micro`. */
function withoutPaths(options: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(options);
  for (const path of paths) {
    const keys = path.split(".");
    const last = keys.pop();
    const holder = keys.reduce<unknown>(
      (node, key) => own((node ?? {}) as Record<string, unknown>, key),
      copy,
    );
    if (holder && last !== undefined) delete (holder as Record<string, unknown>)[last];
  }
  return copy;
}
