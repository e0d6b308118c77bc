import { isUserError, messageOf, userError } from "../../core/errors.ts";
import { type LoadedRecipe, type LoadOptions, loadWritten } from "../../core/recipe/load.ts";
import { parseYaml } from "../../core/recipe/parse_yaml.ts";
import { folderOf, fromFileUrl, resolvePath, toFileUrl } from "../../core/recipe/paths.ts";
import { decodeText } from "../formats/text.ts";
import { extended } from "./extend.ts";
import { describeFolder, describeMissing } from "./missing.ts";
import { readRecipeBytes } from "./read_bytes.ts";

/**
 * Reads a recipe as it was written, what it extends included.
 *
 * @param file absolute
 * @param onModule told of a recipe that is a module, before it runs
 * @param depth recipes that extend this one so far
 * @returns its keys
 */
export async function readRecipe(
  file: string,
  onModule: LoadOptions["onModule"],
  depth = 0,
): Promise<unknown> {
  const read = (file: string, depth: number) => readRecipe(file, onModule, depth);
  return await extended(await readFile(file, onModule), file, read, depth);
}

async function readFile(file: string, onModule: LoadOptions["onModule"]): Promise<unknown> {
  if (/\.[mc]?[jt]s$/.test(file)) {
    onModule?.(toFileUrl(file));
    try {
      const { default: recipe } = await import(toFileUrl(file));
      return recipe;
    } catch (error) {
      throw userError(new TypeError(`Cannot load recipe ${file}: ${messageOf(error)}`));
    }
  }
  let bytes: Uint8Array;
  try {
    bytes = await readRecipeBytes(file);
  } catch (error) {
    if (isUserError(error)) throw error;
    const isFolder = await Deno.stat(file).then(({ isDirectory }) => isDirectory, () => false);
    const hint = isFolder
      ? await describeFolder(file)
      : error instanceof Deno.errors.NotFound
      ? await describeMissing(file)
      : messageOf(error);
    throw userError(new Deno.errors.NotFound(`Cannot read recipe ${file}: ${hint}`));
  }
  const text = decodeText(bytes, `recipe ${file}`);
  refuseTabs(text, file);
  return parseYaml(text, `Cannot parse recipe ${file}`);
}

/** Refuses keys and list elements that are indented by tabs, which YAML forbids and the parser reads as if they were not indented. */
function refuseTabs(text: string, file: string): void {
  const line = text.split("\n").findIndex((each) =>
    /^ *\t\s*(?:[\w."'-]+\s*:(?:\s|$)|- )/.test(each)
  );
  if (line < 0) return;
  throw userError(
    new SyntaxError(
      `Cannot parse recipe ${file}: line ${line + 1} is indented by a tab; YAML takes spaces`,
    ),
  );
}

/**
 * Reads a recipe (YAML, or a TypeScript module whose default export is a recipe), applies overrides and environment variables,
 * imports its own plugin modules, and checks all of it.
 *
 * @param path the recipe's file
 * @param options shipped plugins, overrides, environment
 * @returns the recipe, frozen, and the registry that it was checked against
 * @throws SyntaxError for text that is no YAML (with its line), TypeError for wrong keys or options (with their paths)
 */
export async function loadRecipe(path: string, options: LoadOptions): Promise<LoadedRecipe> {
  const file = resolvePath(options.cwd, path.startsWith("file:") ? fromFileUrl(path) : path);
  const written = await readRecipe(file, options.onModule);
  return await loadWritten(written, path, { ...options, base: options.base ?? folderOf(file) });
}
