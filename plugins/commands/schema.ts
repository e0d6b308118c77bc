import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { Registry } from "../../core/registry/registry.ts";
import { recipeJsonSchema } from "../command_line/json_schema.ts";
import type { Shipped } from "./shipped.ts";

/**
 * Prints the JSON Schema of recipes.
 *
 * @param shipped the plugins that ship
 * @param out where to write
 * @returns the exit code
 */
export function schemaCommand({ plugins }: Shipped, out: CommandOutput): number {
  out.print(JSON.stringify(recipeJsonSchema(new Registry(plugins)), null, 2));
  return 0;
}
