import type { Plugin } from "../../core/registry/plugin.ts";
import { pluginsIn } from "../../core/registry/registry.ts";
import { localFiles, type ModuleGraph, reachable, readModuleGraph } from "./graph.ts";

/** The source files of the plugins in a recipe's own modules. */
export class PluginModules {
  readonly #graph: ModuleGraph;
  readonly #files = new Map<Plugin, ReadonlySet<string>>();

  private constructor(graph: ModuleGraph) {
    this.#graph = graph;
  }

  /**
   * Follows the imports of a recipe's modules.
   *
   * @param modules URLs or packages, loaded already
   * @returns the source files of their plugins
   */
  static async read(modules: readonly string[]): Promise<PluginModules> {
    const entries = localFiles(modules);
    const graph = await readModuleGraph(entries);
    const found = new PluginModules(graph);
    const exporters = new Map<Plugin, Set<string>>();
    for (const url of reachable(graph, entries, "loads")) {
      for (const plugin of await exportedBy(url)) {
        exporters.set(plugin, (exporters.get(plugin) ?? new Set()).add(url));
      }
    }
    for (const [plugin, urls] of exporters) {
      const origins = [...urls].filter((url) => !handsOn(graph, url, urls));
      found.#files.set(plugin, reachable(graph, origins, "names"));
    }
    return found;
  }

  /**
   * The files that decide what plugins do.
   *
   * @param plugins any; those that ship have none
   * @returns SHA-256 by URL, sorted, and the URLs of those that import by computed names, which cannot be followed
   */
  of(plugins: Iterable<Plugin>): {
    readonly hashes: ReadonlyMap<string, string>;
    readonly unfollowed: readonly string[];
  } {
    const urls = new Set([...plugins].flatMap((plugin) => [...this.#files.get(plugin) ?? []]));
    const sorted = [...urls].sort();
    return {
      hashes: new Map(sorted.map((url) => [url, this.#graph.get(url)!.sha256])),
      unfollowed: sorted.filter((url) => this.#graph.get(url)!.computed),
    };
  }
}

/** Plugins that a module exports; it was loaded with the recipe's, so that importing it runs nothing. */
async function exportedBy(url: string): Promise<readonly Plugin[]> {
  try {
    return pluginsIn(await import(url));
  } catch {
    // Imported for types alone, it was never loaded, and may not be a module that can be.
    return [];
  }
}

/** Whether a module only re-exports plugins of modules that it imports: such a list does not affect what they compute. */
function handsOn(graph: ModuleGraph, url: string, exporters: ReadonlySet<string>): boolean {
  const below = reachable(graph, graph.get(url)!.loads, "loads");
  return [...exporters].some((other) =>
    other !== url && below.has(other) &&
    !reachable(graph, graph.get(other)!.loads, "loads").has(url)
  );
}
