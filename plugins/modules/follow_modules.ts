import type { FollowModules } from "../../core/run/stage_modules.ts";
import { PluginModules } from "./plugin_modules.ts";
import { UsedModules } from "./used_modules.ts";

/** Finds the source files of a recipe's own plugins by following the imports of its modules with a parser. */
export const followModules: FollowModules = async (modules, base) => {
  const files = await PluginModules.read(modules);
  return () => new UsedModules(files, base);
};
