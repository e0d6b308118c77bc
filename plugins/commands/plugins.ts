import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import { type Kind, KINDS } from "../../core/registry/plugin.ts";
import { Registry } from "../../core/registry/registry.ts";
import { didYouMean } from "../../core/registry/suggest.ts";
import { flags } from "../command_line/flags.ts";
import { describePlugin } from "../command_line/plugin_help.ts";
import { pluginsWith } from "./plugins_with.ts";
import type { Shipped } from "./shipped.ts";

/**
 * Lists what a recipe can name, or describes one plugin.
 *
 * @param args what stands behind `plugins`: nothing, a kind, or a kind and a name; `--with` for plugins of others
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code
 */
export async function pluginsCommand(
  args: readonly string[],
  shipped: Shipped,
  out: CommandOutput,
): Promise<number> {
  const given = flags(args, { list: ["with"] });
  const plugins = await pluginsWith(shipped, given.list("with"), out);
  const [kind, wanted] = given._;
  if (kind !== undefined && !Object.hasOwn(KINDS, kind)) {
    throw userError(
      new RangeError(
        `Cannot list plugins of kind ${kind}${didYouMean(kind, Object.keys(KINDS))}; valid: ${
          Object.keys(KINDS).join(", ")
        }`,
      ),
    );
  }
  if (kind !== undefined && wanted !== undefined) {
    const registry = new Registry(plugins);
    const names = registry.names(kind as Kind);
    const plugin = registry.find(kind as Kind, wanted);
    if (!plugin) {
      throw userError(
        new RangeError(
          `Cannot describe ${kind} ${wanted}${didYouMean(wanted, names)}; valid: ${
            names.join(", ")
          }`,
        ),
      );
    }
    out.print(describePlugin(plugin, plugins));
    return 0;
  }
  for (const [name, meaning] of Object.entries(KINDS) as [Kind, string][]) {
    const listed = plugins.filter((plugin) => plugin.kind === name);
    if ((kind !== undefined && kind !== name) || listed.length === 0) continue;
    out.print(`${name}: ${meaning}`);
    for (const plugin of listed) out.print(`  ${plugin.name.padEnd(22)} ${plugin.summary}`);
  }
  return 0;
}
