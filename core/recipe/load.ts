import { parse } from "@std/yaml";
import { messageOf, mistake } from "../errors.ts";
import type { Plugin } from "../plugin.ts";
import { Registry } from "../registry.ts";
import { substituteEnvironment } from "./environment.ts";
import { applyOverrides } from "./overrides.ts";
import { describeFolder, describeMissing } from "./missing.ts";
import { folderOf, fromFileUrl, resolvePath, toFileUrl } from "./paths.ts";
import { problemsError } from "../problems.ts";
import { decodeText } from "../text.ts";
import { resolveRecipe } from "./resolve.ts";
import type { Recipe } from "./schema.ts";

/** What a recipe is loaded with. */
export interface LoadOptions {
  /** Plugins that ship. */
  readonly plugins: readonly Plugin[];
  /** `key=value`, from the command line. */
  readonly set?: readonly string[];
  /** Environment variables. */
  readonly environment: (name: string) => string | undefined;
  /** Where relative paths given by `--set` start. */
  readonly cwd: string;
  /** Where relative paths start, if not in the recipe's folder. */
  readonly base?: string;
}

/** A recipe, and the plugins it is checked against. */
export interface LoadedRecipe {
  /** Checked, with defaults filled in and paths absolute. */
  readonly recipe: Recipe;
  /** What ships and what the recipe's own modules export. */
  readonly registry: Registry;
  /** The recipe's folder. */
  readonly base: string;
  /** URLs of the recipe's own modules. */
  readonly modules: readonly string[];
}

async function readRecipe(file: string): Promise<unknown> {
  if (/\.[mc]?[jt]s$/.test(file)) {
    try {
      const { default: recipe } = await import(toFileUrl(file));
      return recipe;
    } catch (error) {
      throw mistake(new TypeError(`Cannot load recipe ${file}: ${messageOf(error)}`));
    }
  }
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (error) {
    const isFolder = await Deno.stat(file).then(({ isDirectory }) => isDirectory, () => false);
    const hint = isFolder
      ? await describeFolder(file)
      : error instanceof Deno.errors.NotFound
      ? await describeMissing(file)
      : messageOf(error);
    throw mistake(new Deno.errors.NotFound(`Cannot read recipe ${file}: ${hint}`));
  }
  const text = decodeText(bytes, `recipe ${file}`);
  try {
    return parse(text);
  } catch (error) {
    throw mistake(new SyntaxError(`Cannot parse recipe ${file}: ${messageOf(error)}`));
  }
}

function moduleList(value: unknown): string[] {
  const plugins = (value as { plugins?: unknown } | null)?.plugins;
  return Array.isArray(plugins) ? plugins.filter((item) => typeof item === "string") : [];
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
  const base = options.base ?? folderOf(file);
  const overridden = applyOverrides(await readRecipe(file), options.set ?? []);
  const { value, problems } = substituteEnvironment(overridden.value, options.environment);
  if (problems.length > 0) throw problemsError(`Cannot use recipe ${path}`, problems);
  const fromSet = overridden.paths.some(([first]) => first === "plugins");
  const modules = moduleList(value).map((module) =>
    toFileUrl(resolvePath(fromSet ? options.cwd : base, module))
  );
  const registry = new Registry([...options.plugins, ...await Registry.load(modules)]);
  const rules = { base, cwd: options.cwd, overridden: overridden.paths };
  const recipe = resolveRecipe(value, registry, rules, `recipe ${path}`);
  return {
    recipe,
    registry: new Registry(registry.list(), recipe.limits),
    base,
    modules,
  };
}
