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
  /** Hash of everything that decides what the stage computes. */
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
 * @param backendName part of what decides a stage's result
 * @returns the stages in order
 * @throws whatever a stage's check finds
 */
export async function planStages(
  recipe: Recipe,
  registry: Registry,
  base: string,
  backendName: string,
): Promise<readonly PlannedStage[]> {
  const planned: PlannedStage[] = [];
  for (const spec of recipe.stages) {
    const { id, run, ...options } = spec;
    // A stage is named by `run` where other plugins are by `use`; the registry knows.
    const stage = await registry.create("stage", { run, ...options } as never, undefined);
    const sources = stage.from.map((from) => earlierStage(recipe, id, from).id);
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
    const inputs = sources.map((from) => planned.find(({ spec }) => spec.id === from)?.fingerprint);
    const fingerprint = await hashJson({
      spec,
      data,
      inputs,
      dataset: recipe.dataset,
      seed: recipe.seed,
      backend: backendName,
    });
    planned.push({ spec, stage, fingerprint });
  }
  return planned;
}

interface Marker {
  readonly fingerprint: string;
  readonly artifact?: Omit<Artifact, "folder">;
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
  for (const { spec, stage, fingerprint } of stages) {
    const folder = `${context.folder}/${spec.id}`;
    const marker = await readMarker(folder);
    const event = { stage: spec.id, plugin: spec.run };
    if (marker && marker.fingerprint !== fingerprint) await setAside(folder);
    if (marker?.fingerprint === fingerprint && marker.artifact) {
      artifacts.set(spec.id, { ...marker.artifact, folder });
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
    await writeAtomic(`${folder}/stage.json`, JSON.stringify({ fingerprint, artifact }, null, 2));
    artifacts.set(spec.id, { ...artifact, folder });
    if (announce) await context.observers.artifact({ stage: spec.id, ...announce });
    const seconds = (performance.now() - started) / 1000;
    await context.observers.stage({ ...event, state: "finished", seconds });
  }
  return artifacts;
}
