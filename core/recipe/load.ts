import { DEFAULT_LIMITS } from "./limits.ts";
import { own } from "../registry/own.ts";
import type { Plugin } from "../registry/plugin.ts";
import { Registry } from "../registry/registry.ts";
import { substituteEnvironment } from "./environment.ts";
import { applyOverrides } from "./overrides.ts";
import { isPackage, resolvePath, toFileUrl } from "./paths.ts";
import { joinOptionErrors } from "../registry/option_errors.ts";
import { resolveRecipe } from "./resolve.ts";
import type { Recipe } from "./schema.ts";
import { writtenOut } from "./tree.ts";

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
  /** Modules besides the recipe's own: `file:` URLs, or packages. */
  readonly with?: readonly string[];
  /** Told the URL of each module of the recipe's own, itself included where it is one, before its code runs. */
  readonly onModule?: (url: string) => void;
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

/** The number of values that a recipe may hold: its own `limits.nodes`, which may be over it by an alias only. */
export function nodeLimit(recipe: unknown, settings: readonly string[]): number {
  const limits = own((recipe ?? {}) as Record<string, unknown>, "limits");
  const written = own((limits ?? {}) as Record<string, unknown>, "nodes");
  const set = settings.flatMap((setting) => /^limits\.nodes=(\d+)$/.exec(setting)?.[1] ?? []);
  const nodes = Number(set.at(-1) ?? written);
  return Number.isSafeInteger(nodes) && nodes > 0 ? nodes : DEFAULT_LIMITS.nodes;
}

function moduleList(value: unknown): string[] {
  const plugins = (value as { plugins?: unknown } | null)?.plugins;
  return Array.isArray(plugins) ? plugins.filter((item) => typeof item === "string") : [];
}

/**
 * Loads a recipe that was read: applies overrides and environment variables, imports its own plugin modules, and checks all of it.
 *
 * @param written parsed YAML, or what a module exports
 * @param name for messages, such as the recipe's path
 * @param options shipped plugins, overrides, environment
 * @returns the recipe, frozen, and the registry that it was checked against
 * @throws SyntaxError for overrides that are no YAML, TypeError for wrong keys or options (with their paths)
 */
export async function loadWritten(
  written: unknown,
  name: string,
  options: LoadOptions & { readonly base: string },
): Promise<LoadedRecipe> {
  const { base, set: settings = [] } = options;
  const nodes = nodeLimit(written, settings);
  const what = `Cannot use recipe ${name}`;
  const overridden = applyOverrides(writtenOut(written, nodes, what), settings);
  const { value, errors } = substituteEnvironment(
    writtenOut(overridden.value, nodes, what),
    options.environment,
  );
  if (errors.length > 0) throw joinOptionErrors(what, errors);
  if (options.with?.length && typeof value === "object" && value !== null) {
    const named = moduleList(value).filter((module) => !options.with!.includes(module));
    Object.assign(value, { plugins: [...named, ...options.with] });
  }
  const fromSet = overridden.paths.some(([first]) => first === "plugins");
  const modules = moduleList(value).map((module) =>
    isPackage(module) ? module : toFileUrl(resolvePath(fromSet ? options.cwd : base, module))
  );
  modules.forEach((url) => options.onModule?.(url));
  const registry = new Registry([...options.plugins, ...await Registry.load(modules)]);
  const rules = { base, cwd: options.cwd, overridden: overridden.paths };
  const recipe = resolveRecipe(value, registry, rules, `recipe ${name}`);
  return {
    recipe,
    registry: new Registry(registry.list(), recipe.limits),
    base,
    modules,
  };
}
