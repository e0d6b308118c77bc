import { folderOf } from "../../core/recipe/paths.ts";

/** The missing target of a broken link; undefined where a path is no broken link, or may not be read. */
function danglingTarget(path: string): string | undefined {
  try {
    if (!Deno.lstatSync(path).isSymlink) return undefined;
  } catch {
    return undefined;
  }
  try {
    Deno.statSync(path);
    return undefined;
  } catch {
    try {
      return Deno.readLinkSync(path);
    } catch {
      return "a place that may not be looked at";
    }
  }
}

/**
 * Finds a broken link: the path itself or a folder on the way.
 *
 * @param path absolute
 * @returns the tail of a message that names link and target; nothing where there is none
 */
export function brokenLink(path: string): string | undefined {
  for (let at = path, below = ""; at !== below; below = at, at = folderOf(at)) {
    const target = danglingTarget(at);
    if (target === undefined) continue;
    const what = at === path ? "it" : at;
    return `${what} is a link to ${target}, where there is nothing`;
  }
  return undefined;
}

/**
 * Says why there is no file at a path: the end of a message. A broken link is named, since every listing shows it as if
 * the file were there.
 *
 * @param path absolute
 * @returns such as `there is no such file`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { noSuchFile } from "seamstress";
 * const folder = await Deno.makeTempDir();
 * await Deno.symlink("/gone/a.jpg", `${folder}/a.jpg`);
 * assertEquals(noSuchFile(`${folder}/b.jpg`), "there is no such file");
 * assertEquals(noSuchFile(`${folder}/a.jpg`), "it is a link to /gone/a.jpg, where there is nothing");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function noSuchFile(path: string): string {
  return brokenLink(path) ?? "there is no such file";
}
