import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import type { Plugin } from "../../core/registry/plugin.ts";
import { Registry } from "../../core/registry/registry.ts";
import { withModules } from "../recipe_files/with_modules.ts";
import { noteModule } from "./note_module.ts";
import type { Shipped } from "./shipped.ts";

/**
 * The plugins that ship, and those that `--with` names.
 *
 * @param shipped what ships
 * @param named files of plugins, packages, or recipes
 * @param out told whose code runs
 * @returns all of them
 * @throws {TypeError} where a module does not load or exports no plugin
 */
export async function pluginsWith(
  { plugins }: Shipped,
  named: readonly string[],
  out: CommandOutput,
): Promise<readonly Plugin[]> {
  const modules = await withModules(named, Deno.cwd(), noteModule(out));
  return [...plugins, ...await Registry.load(modules)];
}
