import type { CommandOutput } from "../../../core/contracts/data_commands.ts";
import { userError } from "../../../core/errors.ts";
import type { LoadedRecipe } from "../../../core/recipe/load.ts";
import { resolvePath } from "../../../core/recipe/paths.ts";
import { type Marker, readMarker } from "../../../core/run/stages/marker.ts";
import { exists } from "../../formats/exists.ts";
import { loadRecipe } from "../../recipe_files/load.ts";
import { findRecipe } from "../find_recipe.ts";
import { noteModule } from "../note_module.ts";
import { readEnvironment } from "../permissions.ts";
import type { Shipped } from "../shipped.ts";

/** A run folder, its recipe and what its stages say of themselves. */
export interface OpenRun {
  /** Absolute. */
  readonly folder: string;
  /** Its resolved recipe, with the recipe's own plugins. */
  readonly loaded: LoadedRecipe;
  /** `stage.json` by id, of stages that were begun. */
  readonly markers: ReadonlyMap<string, Marker>;
}

/**
 * Opens a run folder to read from it; changes nothing there.
 *
 * @param path the folder, relative to the working directory
 * @param shipped the plugins that ship
 * @param out told whose code runs, where the recipe has plugins of its own
 * @returns the run
 * @throws {Deno.errors.NotFound} where the folder holds no run, with those near it
 */
export async function loadRun(
  path: string,
  { plugins }: Shipped,
  out: CommandOutput,
): Promise<OpenRun> {
  const cwd = Deno.cwd();
  const folder = resolvePath(cwd, path);
  if (!await exists(`${folder}/recipe.yaml`).catch(() => false)) throw await noRun(path, folder);
  const { file, base } = await findRecipe(folder);
  const loaded = await loadRecipe(file, {
    plugins,
    environment: readEnvironment,
    onModule: noteModule(out),
    cwd,
    ...base !== undefined && { base },
  });
  const markers = new Map<string, Marker>();
  for (const { id } of loaded.recipe.stages) {
    const marker = await readMarker(`${folder}/stages/${id}`);
    if (marker) markers.set(id, marker);
  }
  return { folder, loaded, markers };
}

async function noRun(path: string, folder: string): Promise<Error> {
  const there = await Deno.stat(folder).then(() => true, () => false);
  const place = there ? folder : folder.slice(0, folder.lastIndexOf("/"));
  const runs: string[] = [];
  try {
    for await (const { name } of Deno.readDir(place)) {
      if (await exists(`${place}/${name}/recipe.yaml`).catch(() => false)) runs.push(name);
    }
  } catch {
    // There is no such place either.
  }
  const found = runs.length > 0 ? `; runs in ${place}: ${runs.sort().join(", ")}` : "";
  return userError(
    new Deno.errors.NotFound(
      there
        ? `Cannot read the run ${path}: it has no recipe.yaml, which every run folder has${found}`
        : `Cannot read the run ${path}: there is no such file or folder${found}`,
    ),
  );
}
