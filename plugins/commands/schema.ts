import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { Registry } from "../../core/registry/registry.ts";
import { recipeJsonSchema } from "../command_line/json_schema.ts";
import { flags } from "../command_line/flags.ts";
import { pluginsWith } from "./plugins_with.ts";
import type { Shipped } from "./shipped.ts";

/**
 * Prints the JSON Schema of recipes.
 *
 * @param args what stands behind `schema`: `--with` for plugins of others
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code
 */
export async function schemaCommand(
  args: readonly string[],
  shipped: Shipped,
  out: CommandOutput,
): Promise<number> {
  const given = flags(args, { list: ["with"] });
  const plugins = await pluginsWith(shipped, given.list("with"), out);
  out.print(JSON.stringify(recipeJsonSchema(new Registry(plugins)), null, 2));
  return 0;
}
