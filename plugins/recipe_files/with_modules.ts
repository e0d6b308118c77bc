import { folderOf, isPackage, resolvePath, toFileUrl } from "../../core/recipe/paths.ts";
import { pluginsIn } from "../../core/registry/registry.ts";
import { userError } from "../../core/errors.ts";
import { readRecipe } from "./load.ts";

/**
 * Finds the modules that `--with` names.
 *
 * @param named files of plugins, packages, or recipes (YAML or TypeScript), whose plugins are meant
 * @param cwd absolute folder that relative paths start from
 * @param onModule told the name of each before its code runs
 * @returns URLs of files, or packages
 * @throws {Error} where a recipe cannot be read
 * @throws {TypeError} where a module has neither plugins nor a recipe
 */
export async function withModules(
  named: readonly string[],
  cwd: string,
  onModule: (url: string) => void,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of named) {
    if (isPackage(name) && !/\.ya?ml$/.test(name)) {
      onModule(name);
      found.push(name);
      continue;
    }
    const file = resolvePath(cwd, name);
    const isYaml = /\.ya?ml$/.test(file);
    if (!isYaml) {
      onModule(toFileUrl(file));
      // What is no module is told by who loads it.
      const exports = await import(toFileUrl(file)).catch(() => undefined);
      if (exports === undefined || pluginsIn(exports).length > 0) {
        found.push(toFileUrl(file));
        continue;
      }
    }
    const recipe = await readRecipe(file, () => {});
    const modules = (recipe as { readonly plugins?: unknown } | null | undefined)?.plugins;
    if (!Array.isArray(modules)) {
      if (isYaml) continue;
      throw userError(
        new TypeError(
          `Cannot use --with ${name}: it exports no plugins, and is no recipe that names any`,
        ),
      );
    }
    for (const module of modules.filter((module) => typeof module === "string")) {
      const url = isPackage(module) ? module : toFileUrl(resolvePath(folderOf(file), module));
      onModule(url);
      found.push(url);
    }
  }
  return found;
}
