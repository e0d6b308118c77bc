import { fromFileUrl } from "../../core/recipe/paths.ts";

interface Dependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly isDynamic?: boolean;
}

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly Dependency[];
  }[];
}

/**
 * Everything that a module loads when it is imported: what it and its imports name at run time, without types and without what
 * `import()` loads later.
 *
 * @param path of the module
 * @returns paths of the project's files and names of packages, each with the chain of files that leads to it
 * @throws if Deno cannot read the module's graph
 */
export async function staticImports(path: string): Promise<ReadonlyMap<string, string>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", path],
  }).output();
  if (!success) {
    throw new Error(`Cannot read the imports of ${path}: ${new TextDecoder().decode(stderr)}`);
  }
  const graph: Graph = JSON.parse(new TextDecoder().decode(stdout));
  const byPath = new Map(
    graph.modules.filter(({ specifier }) => specifier.startsWith("file:"))
      .map(({ specifier, dependencies = [] }) => [fromFileUrl(specifier), dependencies]),
  );
  const found = new Map<string, string>([[path, path]]);
  const queue = [path];
  while (queue.length > 0) {
    const file = queue.shift()!;
    for (const { specifier, code, isDynamic } of byPath.get(file) ?? []) {
      if (isDynamic || !code?.specifier) continue;
      const target = code.specifier.startsWith("file:") ? fromFileUrl(code.specifier) : specifier;
      if (found.has(target)) continue;
      found.set(target, `${target} ← ${found.get(file)}`);
      if (byPath.has(target)) queue.push(target);
    }
  }
  return found;
}
