import { userError } from "../errors.ts";
import { resolveOptions } from "../registry/options.ts";
import {
  joinOptionErrors,
  type OptionError,
  type RecipePath,
  show,
} from "../registry/option_errors.ts";
import type { Registry } from "../registry/registry.ts";
import { isPackage, resolvePath } from "./paths.ts";
import { type Recipe, recipeSchema } from "./schema.ts";

/** Where relative paths of a recipe start. */
export interface PathRules {
  /** The recipe's folder. */
  readonly base: string;
  /** The working directory, for values given by `--set`. */
  readonly cwd: string;
  /** What `--set` wrote. */
  readonly overridden: readonly RecipePath[];
}

const isBelow = (path: RecipePath, above: RecipePath) => above.every((part, i) => path[i] === part);

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

/**
 * Checks a parsed recipe: every key, every plugin name, every option, with the plugins' own schemas.
 *
 * @param input parsed YAML, or what `defineRecipe` gives
 * @param registry the plugins that it may name
 * @param rules where relative paths start
 * @param what the recipe's name for messages, such as its file
 * @returns the recipe with defaults filled in and paths absolute, frozen
 * @throws TypeError that lists every problem with its path within the recipe
 */
export function resolveRecipe(
  input: unknown,
  registry: Registry,
  rules: PathRules,
  what: string,
): Recipe {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw userError(
      new TypeError(
        `Cannot use ${what}: found ${show(input)}, expected keys such as name, dataset, stages`,
      ),
    );
  }
  const { value, errors } = resolveOptions(recipeSchema, input, [], {
    plugins: registry,
    filePath: (file, path) =>
      path[0] === "plugins" && isPackage(file) ? file : resolvePath(
        rules.overridden.some((set) => isBelow(path, set)) ? rules.cwd : rules.base,
        file,
      ),
  });
  const recipe = value as Recipe;
  const duplicates: OptionError[] = errors.length > 0
    ? []
    : recipe.stages.flatMap((stage, i) =>
      recipe.stages.findIndex(({ id }) => id === stage.id) < i
        ? [{ path: ["stages", i, "id"], message: `${show(stage.id)} is taken by an earlier stage` }]
        : []
    );
  const all = [...errors, ...duplicates];
  if (all.length > 0) throw joinOptionErrors(`Cannot use ${what}`, all);
  return freeze(recipe);
}
