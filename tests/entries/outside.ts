import { assert } from "@std/assert";
import { fromFileUrl } from "../../core/recipe/paths.ts";
import { copyFolder, filesBelow } from "../folders.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** What plugins may be written against; the last is for the page of the studio alone, which the architecture's test keeps. */
const ENTRIES = ["seamstress", "seamstress/ops", "seamstress/wsss", "seamstress/browser"];

/** Folders of plugins/ that are written against the inside, or are what the entries export. */
const INSIDE = [
  "backends",
  "browser",
  "command_line",
  "commands",
  "fixtures",
  "forecast",
  "formats",
  "images",
  "modules",
  "ops",
  "recipe_files",
  "shards",
  "testing",
  "wsss",
];

interface Config {
  imports: Record<string, string>;
  compilerOptions: Record<string, unknown>;
}

/** Gives a folder elsewhere the project's settings: the entries and the packages from npm, nothing else of the project. */
export async function writeOutsideConfig(folder: string): Promise<void> {
  const config: Config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const imports = Object.entries(config.imports).flatMap(([name, target]) => {
    if (name.startsWith("seamstress") && !ENTRIES.includes(name)) return [];
    const url = target.startsWith(".") ? new URL(target, `file://${ROOT}/`).href : target;
    return [[name, url] as const];
  });
  const { compilerOptions } = config;
  const outside = { imports: Object.fromEntries(imports), compilerOptions };
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({ ...outside, lock: false, nodeModulesDir: "none" }),
  );
}

/** Copies every shipped plugin that is written against the entries into a folder outside of the tree. */
export async function copyPluginsTo(folder: string): Promise<void> {
  const rooms: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}/plugins`)) {
    if (!isDirectory || INSIDE.includes(name)) continue;
    rooms.push(name);
    await copyFolder(`${ROOT}/plugins/${name}`, `${folder}/plugins/${name}`);
  }
  assert(rooms.includes("methods") && rooms.includes("affinitynet"), rooms.join());
}

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string; readonly error?: string };
      readonly type?: { readonly error?: string };
    }[];
  }[];
}

/**
 * Finds the imports below a folder that lead to no module there is, by the graph that Deno makes of it.
 *
 * @param folder with settings of {@linkcode writeOutsideConfig}
 * @returns each with the file that has it, and what Deno says
 */
export async function unresolvedImports(folder: string): Promise<string[]> {
  const files = (await filesBelow(folder)).filter((path) => path.endsWith(".ts"));
  await Deno.writeTextFile(
    `${folder}/all.ts`,
    files.map((path) => `import "./${path}";\n`).join(""),
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "all.ts"],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const { modules }: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const here = modules.filter(({ specifier }) => specifier.startsWith(`file://${folder}/`));
  assert(here.length > files.length, `the graph has ${here.length} of ${files.length} files`);
  const faults = new Map(modules.map(({ specifier, error }) => [specifier, error]));
  return here.flatMap(({ specifier: file, dependencies = [] }) =>
    dependencies.flatMap(({ specifier, code, type }) => {
      const error = code?.error ?? type?.error ?? faults.get(code?.specifier ?? "");
      return error === undefined ? [] : [`${file}: ${specifier}: ${error}`];
    })
  );
}
