import type { LoadedRecipe, LoadOptions } from "../../../core/recipe/load.ts";
import type { Recipe } from "../../../core/recipe/schema.ts";
import { resolvePath } from "../../../core/recipe/paths.ts";
import { hashJson } from "../../../core/run/hash.ts";
import { loadRecipe } from "../../recipe_files/load.ts";
import type { FoundRecipe } from "../find_recipe.ts";
import { freeFolder } from "./free_folder.ts";

/** What is asked for, as far as it decides where results go. */
export interface Asked {
  /** The recipe, with what was set. */
  readonly named: LoadedRecipe;
  /** Its file, and its run folder. */
  readonly found: FoundRecipe;
  /** `--from`. */
  readonly from: string | undefined;
  /** `--out`, absolute. */
  readonly to: string | undefined;
}

/**
 * The folder of a run that goes on from a stage of another: one that `--out` names, or a free one where the data are others, so that
 * results and networks of the earlier run stay.
 *
 * @param asked for
 * @param options that the recipe was loaded with
 * @returns the folder, absolute; undefined where the run goes on where it is
 */
export async function otherFolder(
  { named, found: { file, folder }, from, to }: Asked,
  options: LoadOptions,
): Promise<string | undefined> {
  if (folder === undefined || from === undefined) return undefined;
  const here = resolvePath(options.cwd, folder);
  if (to !== undefined) return to === here ? undefined : to;
  const { set: _, onModule: __, ...rest } = options;
  const before = await loadRecipe(file, rest);
  return await sameData(before.recipe, named.recipe) ? undefined : await freeFolder(here);
}

/** Whether two recipes name the same data. */
async function sameData(a: Recipe, b: Recipe): Promise<boolean> {
  return await hashJson(a.dataset) === await hashJson(b.dataset);
}
