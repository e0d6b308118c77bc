import type { BackendInfo } from "./contracts/backend.ts";
import type { Observer } from "./contracts/observer.ts";
import type { Artifact, Stage, StagePlan } from "./contracts/stage.ts";
import { writeAtomic } from "./atomic.ts";
import { mistake } from "./errors.ts";
import { hashJson } from "./hash.ts";
import type { Registry } from "./registry.ts";
import type { Recipe, RecipeStage } from "./recipe/schema.ts";
import { didYouMean } from "./suggest.ts";

/** A stage of a recipe, made and checked. */
export interface PlannedStage {
  readonly spec: RecipeStage;
  readonly stage: Stage;
  /** Hashes of the data it will read. */
  readonly data: readonly string[];
  /** Hash of everything that decides what the stage computes, but for what the stages before it made. */
  readonly fingerprint: string;
}

function earlierStage(recipe: Recipe, id: string, wanted: string): RecipeStage {
  const before = recipe.stages.slice(0, recipe.stages.findIndex((stage) => stage.id === id));
  const found = before.find((stage) => stage.id === wanted);
  if (found) return found;
  const names = before.map((stage) => stage.id);
  throw mistake(
    new RangeError(
      `Cannot plan stage ${id}: no earlier stage "${wanted}"${didYouMean(wanted, names)}; ` +
        (names.length > 0 ? `earlier stages: ${names.join(", ")}` : "it is the first"),
    ),
  );
}

/**
 * Makes every stage and lets it check what it will need, before any work starts.
 *
 * @param recipe resolved
 * @param registry the plugins
 * @param base folder that relative paths start from
 * @param decisive what else decides every stage's result: the backend, the recipe's own plugin modules
 * @returns the stages in order
 * @throws whatever a stage's check finds
 */
export async function planStages(
  recipe: Recipe,
  registry: Registry,
  base: string,
  decisive: Readonly<Record<string, unknown>>,
): Promise<readonly PlannedStage[]> {
  const planned: PlannedStage[] = [];
  for (const spec of recipe.stages) {
    const { id, run, ...options } = spec;
    // A stage is named by `run` where other plugins are by `use`; the registry knows.
    const stage = await registry.create("stage", { run, ...options } as never, undefined);
    for (const from of stage.from) earlierStage(recipe, id, from);
    const plan: StagePlan = {
      id,
      base,
      dataset: recipe.dataset,
      maker: registry,
      earlier: (wanted) => {
        const { id: _, run, ...options } = earlierStage(recipe, id, wanted);
        return { run, options };
      },
    };
    const data = await stage.check(plan);
    const fingerprint = await hashJson({
      spec: withoutPaths(spec, stage.neutral ?? []),
      data,
      dataset: recipe.dataset,
      seed: recipe.seed,
      ...decisive,
    });
    planned.push({ spec, stage, data, fingerprint });
  }
  return planned;
}

/** A copy of options without those at some paths, such as `batch.micro`. */
function withoutPaths(options: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(options);
  for (const path of paths) {
    const keys = path.split(".");
    const last = keys.pop();
    const holder = keys.reduce<unknown>(
      (node, key) => (node as Record<string, unknown> | undefined)?.[key],
      copy,
    );
    if (holder && last !== undefined) delete (holder as Record<string, unknown>)[last];
  }
  return copy;
}

interface Marker {
  readonly fingerprint: string;
  readonly artifact?: Omit<Artifact, "folder">;
  /** Names this very execution, once it finished: what reads its result is redone when the stage is. */
  readonly made?: string;
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${folder}/stage.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Moves what an earlier recipe left out of the way; nothing is deleted. */
async function setAside(folder: string): Promise<void> {
  for (let n = 1;; n++) {
    const target = `${folder}.superseded-${n}`;
    try {
      await Deno.lstat(target);
    } catch {
      return await Deno.rename(folder, target);
    }
  }
}

/** What running the stages needs besides the plan. */
export interface StagesContext {
  readonly recipe: Recipe;
  readonly registry: Registry;
  readonly base: string;
  /** Holds one folder a stage. */
  readonly folder: string;
  readonly backend: BackendInfo;
  readonly workerModules: readonly string[];
  readonly observers: Required<Observer>;
}

/**
 * Runs planned stages in order. A stage whose folder says that it finished with the same fingerprint is skipped; one that was
 * begun with the same fingerprint continues in its folder; a folder of another fingerprint is set aside.
 *
 * @param stages as {@linkcode planStages} gave them
 * @param context run-wide values
 * @returns the artifact of each stage by id
 */
export async function runStages(
  stages: readonly PlannedStage[],
  context: StagesContext,
): Promise<ReadonlyMap<string, Artifact>> {
  const artifacts = new Map<string, Artifact>();
  const made = new Map<string, string>();
  for (const { spec, stage, fingerprint: planned } of stages) {
    const fingerprint = await hashJson([planned, stage.from.map((from) => made.get(from))]);
    const folder = `${context.folder}/${spec.id}`;
    const marker = await readMarker(folder);
    const event = { stage: spec.id, plugin: spec.run };
    if (marker && marker.fingerprint !== fingerprint) {
      await setAside(folder);
      await context.observers.stage({ ...event, state: "set aside" });
    }
    if (marker?.fingerprint === fingerprint && marker.artifact && marker.made) {
      artifacts.set(spec.id, { ...marker.artifact, folder });
      made.set(spec.id, marker.made);
      await context.observers.stage({ ...event, state: "skipped" });
      continue;
    }
    await Deno.mkdir(folder, { recursive: true });
    await writeAtomic(`${folder}/stage.json`, JSON.stringify({ fingerprint }));
    await context.observers.stage({ ...event, state: "begin" });
    const started = performance.now();
    const { announce, ...artifact } = await stage.run({
      id: spec.id,
      folder,
      seed: context.recipe.seed,
      base: context.base,
      dataset: context.recipe.dataset,
      maker: context.registry,
      backend: context.backend,
      workerModules: context.workerModules,
      observers: context.observers,
      artifact(id, kind) {
        const found = artifacts.get(id);
        if (found?.kind === kind) return found;
        throw mistake(
          new TypeError(
            `Cannot run stage ${spec.id}: it reads ${kind} from stage "${id}", which gives ${
              found?.kind ?? "nothing"
            }`,
          ),
        );
      },
    });
    await context.backend.check();
    const done: Marker = { fingerprint, artifact, made: crypto.randomUUID() };
    await writeAtomic(`${folder}/stage.json`, JSON.stringify(done, null, 2));
    made.set(spec.id, done.made!);
    artifacts.set(spec.id, { ...artifact, folder });
    if (announce) await context.observers.artifact({ stage: spec.id, ...announce });
    const seconds = (performance.now() - started) / 1000;
    await context.observers.stage({ ...event, state: "finished", seconds });
  }
  return artifacts;
}
