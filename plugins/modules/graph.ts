import { hashBytes } from "../../core/run/hash.ts";
import { messageOf, userError } from "../../core/errors.ts";
import { fromFileUrl } from "../../core/recipe/paths.ts";

/** Where this project's own modules are: a plugin's imports of these are its version's, which the manifest names. */
const SHIPPED = [
  "../../core/",
  "../../plugins/",
  "../../deps/",
  "../../mod.ts",
  "../../node_modules/",
]
  .map((path) => new URL(path, import.meta.url).href);

const MODULE = /\.[mc]?[jt]sx?$/;

/** A source file of a plugin. */
export interface ModuleFile {
  /** SHA-256 of its content, 64 hex digits. */
  readonly sha256: string;
  /** URLs of local files that it names. */
  readonly names: ReadonlySet<string>;
  /** Those among them that are loaded with it. */
  readonly loads: ReadonlySet<string>;
  /** True where it imports by a name that is computed while it runs. */
  readonly computed: boolean;
}

/** Local files by URL. */
export type ModuleGraph = ReadonlyMap<string, ModuleFile>;

/** URL that a specifier leads to from a module, by the project's import map where it is a bare name. */
function resolve(specifier: string, from: string): string | undefined {
  try {
    return import.meta.resolve(
      /^\.{0,2}\//.test(specifier) ? new URL(specifier, from).href : specifier,
    );
  } catch {
    // A bare name that the project's map lacks: Deno would not have loaded it either.
    return undefined;
  }
}

/**
 * Finds the files of modules.
 *
 * @param modules URLs, or packages: a bare name may lead to a local file, other packages are known by their specifiers
 * @returns URLs of local files
 */
export function localFiles(modules: readonly string[]): readonly string[] {
  return modules.flatMap((module) => {
    if (module.startsWith("file:")) return module;
    const url = resolve(module, import.meta.url);
    return url?.startsWith("file:") && !SHIPPED.some((own) => url.startsWith(own)) ? url : [];
  });
}

async function readFile(url: string): Promise<ModuleFile | undefined> {
  const path = fromFileUrl(url);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    if (!(await Deno.stat(path)).isFile) return undefined;
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw userError(
      new Error(`Cannot read ${path}, which a plugin of the recipe names: ${messageOf(error)}`),
    );
  }
  const names = new Set<string>(), loads = new Set<string>();
  // The parser is a large package: only recipes with plugins of their own load it.
  const code = MODULE.test(path)
    ? (await import("./imports.ts")).importsOf(new TextDecoder().decode(bytes), path)
    : { files: [], computed: false };
  for (const { specifier, how } of code.files) {
    // What is opened by its address starts from the module even without a leading dot.
    const found = how === "file" && URL.canParse(specifier, url)
      ? new URL(specifier, url).href
      : resolve(specifier, url);
    const target = found?.replace(/[?#].*$/, "");
    if (!target?.startsWith("file:") || SHIPPED.some((own) => target.startsWith(own))) continue;
    names.add(target);
    if (how === "import") loads.add(target);
  }
  return { sha256: await hashBytes(bytes), names, loads, computed: code.computed };
}

/**
 * Reads the modules of plugins and every local file that they name, and so on. Packages and remote modules are known by their
 * specifiers, which are part of the text; this project's own modules are left out.
 *
 * @param entries URLs of the modules, or packages
 * @returns all files by URL; what is named but not there is left out
 * @throws {Error} where one cannot be read or parsed
 */
export async function readModuleGraph(entries: readonly string[]): Promise<ModuleGraph> {
  const graph = new Map<string, ModuleFile>();
  const todo = [...localFiles(entries)];
  const seen = new Set(todo);
  for (let url; (url = todo.pop()) !== undefined;) {
    const file = await readFile(url);
    if (!file) continue;
    graph.set(url, file);
    for (const name of file.names) {
      if (!seen.has(name)) todo.push(name);
      seen.add(name);
    }
  }
  return graph;
}

/**
 * Finds every file that some files lead to.
 *
 * @param graph all files
 * @param from URLs to start at
 * @param by which names to follow
 * @returns URLs of the files that are reached, those of the start among them
 */
export function reachable(
  graph: ModuleGraph,
  from: Iterable<string>,
  by: "names" | "loads",
): ReadonlySet<string> {
  const reached = new Set<string>();
  const todo = [...from];
  for (let url; (url = todo.pop()) !== undefined;) {
    const file = graph.get(url);
    if (!file || reached.has(url)) continue;
    reached.add(url);
    todo.push(...file[by]);
  }
  return reached;
}
