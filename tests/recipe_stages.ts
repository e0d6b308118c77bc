import { fromFileUrl } from "../core/recipe/paths.ts";
import type { RecipeStage } from "../core/recipe/schema.ts";
import { plugins } from "../plugins/mod.ts";
import { loadRecipe } from "../plugins/recipe_files/load.ts";

/**
 * A recipe's stages with every default filled in: what a run does, whatever is written out.
 *
 * @param path below recipes/, such as `voc12/seam.yaml`
 * @returns stages by id
 */
export async function stagesOf(path: string): Promise<ReadonlyMap<string, RecipeStage>> {
  const file = fromFileUrl(new URL(`../recipes/${path}`, import.meta.url));
  const loading = { plugins, environment: () => undefined, cwd: "/" };
  const { recipe } = await loadRecipe(file, loading);
  return new Map(recipe.stages.map((stage) => [stage.id, stage]));
}
