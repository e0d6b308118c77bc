import { dirname, join, relative } from "node:path";
import type { SourceFile } from "./rules.ts";

/** An import or export of another module: `type` where it is one of types alone, the specifier behind it. */
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s(type\s)?[^"';]*?from\s+"([^"]+)"|(?:^|\n)\s*import()\s+"([^"]+)"|\bimport()\(\s*"([^"]+)"/g;

/**
 * Reads what every TypeScript file imports.
 *
 * @param root of the repository
 * @param places files and folders in it
 * @returns the files
 */
export async function readTree(root: string, places: readonly string[]): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  const visit = async (path: string): Promise<void> => {
    if ((await Deno.stat(path)).isDirectory) {
      for await (const { name } of Deno.readDir(path)) await visit(join(path, name));
    } else if (path.endsWith(".ts")) {
      const text = await Deno.readTextFile(path);
      files.push({
        path: relative(root, path),
        ...importsOf(text, path, root),
        lines: text.split("\n").length - 1,
      });
    }
  };
  for (const place of places) await visit(join(root, place));
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

function importsOf(
  text: string,
  path: string,
  root: string,
): Pick<SourceFile, "imports" | "values"> {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const found = [...code.matchAll(IMPORT)].map(([, type, a, , b, , c]) => {
    const specifier = (a ?? b ?? c)!;
    return {
      type: type !== undefined,
      target: specifier.startsWith(".")
        ? relative(root, join(dirname(path), specifier))
        : specifier,
    };
  });
  const targets = (list: typeof found) => [...new Set(list.map(({ target }) => target))];
  return { imports: targets(found), values: targets(found.filter(({ type }) => !type)) };
}
