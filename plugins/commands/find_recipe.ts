import { userError } from "../../core/errors.ts";
import { readManifest } from "../../core/run/run_folder.ts";
import { exists } from "../formats/exists.ts";

/** A recipe to run. */
export interface FoundRecipe {
  readonly file: string;
  /** The run folder that it goes on in, where one was named. */
  readonly folder?: string;
  /** Folder that relative paths start from, where it is not the file's. */
  readonly base?: string;
}

/**
 * Finds the recipe that the command line names.
 *
 * @param path of a recipe, or of a run folder, whose resolved recipe is meant
 * @returns the recipe's file
 * @throws {Error} where the run folder's manifest cannot be read
 */
export async function findRecipe(path: string): Promise<FoundRecipe> {
  if (!await exists(`${path}/recipe.yaml`).catch(() => false)) return { file: path };
  const manifest = await readManifest(path);
  if (manifest) return { file: `${path}/recipe.yaml`, folder: path, base: manifest.base };
  throw userError(
    new Error(
      `Cannot go on in ${path}: its manifest.json is missing or damaged, which says where the recipe's relative paths start; ` +
        `name the recipe's file, which writes it anew: deno task run RECIPE --out ${path} --resume`,
    ),
  );
}
