/**
 * Resolves a path.
 *
 * @param base absolute folder that a relative path starts from
 * @param path absolute or relative; `file:` URLs are taken as they are
 * @returns the absolute path, without `.` and `..`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { resolvePath } from "seamstress";
 * assertEquals(resolvePath("/data/recipes", "../voc"), "/data/voc");
 * assertEquals(resolvePath("/data", "/voc"), "/voc");
 * ```
 */
export function resolvePath(base: string, path: string): string {
  if (path.startsWith("file:")) return fromFileUrl(path);
  const full = path.startsWith("/") ? path : `${base}/${path}`;
  const parts: string[] = [];
  for (const part of full.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/**
 * Tells whether a module is a package: `jsr:`, `npm:`, or a bare name without a script's ending, which an import map leads on.
 *
 * @param module as a recipe names it
 * @returns false where it is a file
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isPackage } from "./paths.ts";
 * assertEquals(["jsr:@me/ideas@1", "@me/ideas"].map(isPackage), [true, true]);
 * assertEquals(["./ideas.ts", "ideas.ts", "/ideas/mod.js"].map(isPackage), [false, false, false]);
 * ```
 */
export function isPackage(module: string): boolean {
  return /^(jsr|npm):/.test(module) ||
    !/^(\.{0,2}\/|file:)/.test(module) && !/\.[mc]?[jt]sx?$/.test(module);
}

/**
 * Converts a file URL to a path.
 *
 * @param url a `file:` URL
 * @returns its path
 */
export function fromFileUrl(url: string | URL): string {
  return decodeURIComponent(new URL(url).pathname);
}

/**
 * Converts a path to a file URL.
 *
 * @param path absolute
 * @returns a `file:` URL that imports take, whatever characters the path has
 */
export function toFileUrl(path: string): string {
  return new URL(`file://${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`).href;
}

/**
 * Returns the folder that holds a path.
 *
 * @param path absolute or relative
 * @returns the folder that holds it
 */
export function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : end === 0 ? "/" : path.slice(0, end);
}
