import type { CommandOutput } from "../../core/contracts/data_commands.ts";
import { userError } from "../../core/errors.ts";
import type { Plugin } from "../../core/registry/plugin.ts";
import { Registry } from "../../core/registry/registry.ts";
import { didYouMean } from "../../core/registry/suggest.ts";
import { resolvePath } from "../../core/recipe/paths.ts";

/** The plugins to choose from, and the data set whose commands are meant where none is named. */
export interface DataCommandOptions {
  readonly plugins: readonly Plugin[];
  readonly dataset: string;
  /** Folder that relative paths start from. */
  readonly cwd: string;
}

const HEADER = `Data on disk; each data set plugin has commands of its own

  deno task data COMMAND ... [--dataset NAME] [--plugins FILE]
    --dataset NAME                           the data set plugin whose commands these are`;

const PLUGINS =
  "    --plugins FILE                           a module that exports plugins (any number of times)";

/** Takes a flag and its values out of arguments; all others are the command's own. */
function take(
  args: readonly string[],
  name: string,
): { readonly values: readonly string[]; readonly rest: readonly string[] } {
  const values: string[] = [], rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    const [flag, ...joined] = arg.split("=");
    if (flag !== `--${name}`) {
      rest.push(arg);
      continue;
    }
    const value = joined.length > 0 ? joined.join("=") : args[++i];
    if (!value || value.startsWith("--")) {
      throw userError(new TypeError(`Cannot read option --${name}: it needs a value`));
    }
    values.push(value);
  }
  return { values, rest };
}

function find(registry: Registry, name: string): Plugin<"dataset"> {
  const plugin = registry.find("dataset", name) as Plugin<"dataset"> | undefined;
  if (plugin?.data) return plugin;
  const names = registry.names("dataset");
  const able = names.filter((name) => registry.find("dataset", name)?.data);
  throw userError(
    new RangeError(
      plugin
        ? `Cannot work on data of data set ${name}: the plugin has no commands; those that have: ${
          able.join(", ") || "none"
        }`
        : `Cannot work on data of data set ${name}${didYouMean(name, names)}; valid: ${
          able.join(", ") || "none"
        }`,
    ),
  );
}

/**
 * Runs a command of a data set plugin: `data check`, `data labels`, or what an outside plugin brings.
 *
 * @param args what stands behind `data`
 * @param options which plugins there are
 * @param out where to write
 * @returns the exit code: 0 done, 1 where the data have faults
 * @throws {RangeError} where there is no such data set or command, with the nearest
 * @throws {Error} what the command throws
 */
export async function dataCommand(
  args: readonly string[],
  options: DataCommandOptions,
  out: CommandOutput,
): Promise<number> {
  const modules = take(args, "plugins");
  const { values, rest: [name, ...rest] } = take(modules.rest, "dataset");
  const paths = modules.values.map((path) => resolvePath(options.cwd, path));
  const registry = new Registry([...options.plugins, ...await Registry.load(paths)]);
  const dataset = values.at(-1) ?? options.dataset;
  const { data } = find(registry, dataset);
  const { usage, commands } = data!;
  if (name === undefined || name === "help" || name === "--help") {
    out.print(`${HEADER} (now ${dataset})\n${PLUGINS}\n\n${usage}`);
    return name === undefined ? 1 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return await command(rest, out);
  const names = Object.keys(commands);
  throw userError(
    new RangeError(`Cannot do data ${name}${didYouMean(name, names)}; valid: ${names.join(", ")}`),
  );
}
