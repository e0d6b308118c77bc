import { userError } from "../../../core/errors.ts";
import { type LoadedRecipe, type LoadOptions, loadWritten } from "../../../core/recipe/load.ts";
import type { RecipeStage } from "../../../core/recipe/schema.ts";
import { readMarker } from "../../../core/run/stages/marker.ts";
import { createStage } from "../../../core/run/stages/plan_stages.ts";
import { applySelection, type Selection } from "../../../core/run/stages/selection.ts";
import { leftByStage } from "../../formats/finished_stage.ts";
import { readResult } from "../../wsss/scores/result.ts";
import { ARTIFACTS } from "../../wsss/stages/artifacts.ts";

/** A run whose networks are used on other data. */
export interface EarlierRun {
  /** Its folder, absolute. */
  readonly folder: string;
  /** The part of it that is to be done. */
  readonly selection: Selection;
}

/** A recipe of the stages to do, and where their networks come from. */
export interface Continued {
  readonly loaded: LoadedRecipe;
  /** Lines for a person: which network each stage that is left out gives. */
  readonly notes: readonly string[];
}

/** What an import-checkpoint stage of the same id says in place of the stage that trained. */
async function importStage(
  { folder }: EarlierRun,
  id: string,
  reader: RecipeStage,
  split: unknown,
): Promise<RecipeStage> {
  const of = `${folder}/stages/${id}`;
  const left = leftByStage(of, await readMarker(of), ARTIFACTS.checkpoint);
  const refuse = (why: string) =>
    userError(
      new RangeError(`Cannot run stage ${reader.id} on other data: it reads stage ${id}, ${why}`),
    );
  if (!left) throw refuse(`which is not finished in ${folder}`);
  const { stored, artifact } = left;
  if (artifact) {
    const { backbone, head, weights } = artifact.info;
    return {
      id,
      run: "import-checkpoint",
      split,
      backbone,
      head,
      weights: { use: "safetensors", file: `${stored.folder}/${weights}` },
    };
  }
  if (stored.kind === ARTIFACTS.table.name) {
    const { table } = await readResult(stored.folder);
    throw refuse(
      `whose threshold was chosen on the earlier data; give it as a number: --set ${reader.id}.metric.alpha=${
        table.threshold?.value ?? "0.26"
      }`,
    );
  }
  throw refuse(
    `whose ${stored.kind} are of the earlier data; begin with it, --from ${id}, or stop before ${reader.id}, with --until`,
  );
}

/** Leaves ids of stages that are gone out of lists of them, as the report's `compare` is one. */
function withoutStages(options: unknown, gone: ReadonlySet<string>): unknown {
  if (Array.isArray(options)) {
    return options.filter((item) => !gone.has(item)).map((item) => withoutStages(item, gone));
  }
  if (typeof options !== "object" || options === null) return options;
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => {
      const left = withoutStages(value, gone);
      // A list that named no other stage: as if it had not been given.
      const emptied = Array.isArray(left) && left.length === 0 && (value as unknown[]).length > 0;
      return emptied ? [] : [[key, left]];
    }),
  );
}

/**
 * Makes the recipe of a run that goes on from a stage of another run, on other data: the stages that are asked for, and in place of
 * those before them that trained a network which they read, its import. Stages that are left out are not checked.
 *
 * @param loaded the earlier run's recipe, with what was set
 * @param run the earlier run
 * @param options plugins and so on
 * @returns the recipe
 * @throws {RangeError} where a stage reads anything else of the earlier data
 */
export async function continueOnOtherData(
  { recipe, registry, base }: LoadedRecipe,
  run: EarlierRun,
  options: LoadOptions,
): Promise<Continued> {
  const chosen = applySelection(run.selection, recipe.stages.map(({ id }) => id));
  const kept = recipe.stages.filter((_, i) => chosen[i]!.run);
  const split = kept.find((stage) => typeof stage["split"] === "string")?.["split"] ?? "all";
  const imports = new Map<string, RecipeStage>();
  for (const spec of kept) {
    const { from } = await createStage(spec, registry);
    for (const id of from) {
      if (imports.has(id) || kept.some((stage) => stage.id === id)) continue;
      imports.set(id, await importStage(run, id, spec, split));
    }
  }
  const stages = [...imports.values(), ...kept];
  const gone = new Set(
    recipe.stages.map(({ id }) => id).filter((id) => !stages.some((stage) => stage.id === id)),
  );
  const written = {
    ...recipe,
    observers: recipe.observers.map((observer) => withoutStages(observer, gone)),
    stages,
  };
  const { set: _, ...rest } = options;
  return {
    loaded: await loadWritten(written, `${run.folder}/recipe.yaml`, { ...rest, base }),
    notes: [...imports].map(([id, { weights }]) =>
      `stage ${id}: its network, ${(weights as { file: string }).file}, is read as it is`
    ),
  };
}
