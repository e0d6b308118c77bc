import { fromFileUrl } from "../../core/recipe/paths.ts";
import { hashBytes } from "../../core/run/hash.ts";
import { readModuleGraph } from "./graph.ts";

/** This project's folder. */
const ROOT = new URL("../../", import.meta.url).href;

/** What of it computes a run: beside these are tests, recipes, benchmarks and documents. */
const PARTS = ["core", "plugins", "deps", "cli.ts", "mod.ts", "deno.json", "deno.lock"];

/** SHA-256 of source files, by name. */
export type SourceHashes = Readonly<Record<string, string>>;

async function filesBelow(path: string): Promise<string[]> {
  const url = `${ROOT}${path}`;
  try {
    if ((await Deno.stat(fromFileUrl(url))).isFile) return [path];
  } catch (error) {
    // A copy may leave out its lock file.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const files: string[] = [];
  for await (const { name } of Deno.readDir(fromFileUrl(url))) {
    files.push(...await filesBelow(`${path}/${name}`));
  }
  return files;
}

/**
 * Hashes the program, and the recipe's own plugins with every local file that they name.
 *
 * @param modules URLs of modules that export plugins
 * @returns those of the program by path in its folder, the recipe's by URL
 */
export async function sourceHashes(modules: readonly string[]): Promise<SourceHashes> {
  const files = ROOT.startsWith("file:") ? (await Promise.all(PARTS.map(filesBelow))).flat() : [];
  const program = await Promise.all(
    files.sort().map(async (file) =>
      [file, await hashBytes(await Deno.readFile(fromFileUrl(`${ROOT}${file}`)))] as const
    ),
  );
  const own = await readModuleGraph(modules.filter((url) => !url.startsWith(ROOT)));
  return Object.fromEntries([
    ...program,
    ...[...own].map(([url, { sha256 }]) => [url, sha256] as const),
  ]);
}
