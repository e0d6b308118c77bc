import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { fromFileUrl } from "../../core/recipe/paths.ts";

/**
 * Tells whose code runs, before it does.
 *
 * @param out where to write
 * @returns takes a module: a file's URL, or a package
 */
export function noteModule(out: CommandOutput): (url: string) => void {
  return (url) =>
    out.note(`runs the recipe's own code: ${url.startsWith("file:") ? fromFileUrl(url) : url}`);
}
