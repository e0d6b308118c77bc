import { userError } from "../errors.ts";

/**
 * Resolves the links on the way to a folder that need not exist yet.
 *
 * @param path absolute
 * @returns the same place without links
 * @throws {Deno.errors.NotFound} where a link leads nowhere
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { realFolder } from "./real_folder.ts";
 * const folder = await Deno.realPath(await Deno.makeTempDir());
 * await Deno.mkdir(`${folder}/disk`);
 * await Deno.symlink(`${folder}/disk`, `${folder}/runs`);
 * assertEquals(await realFolder(`${folder}/runs/new`), `${folder}/disk/new`);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function realFolder(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    // What else is wrong with the path is said where the folder is used.
    if (!(error instanceof Deno.errors.NotFound)) return path;
  }
  if (await isLink(path)) {
    throw userError(new Deno.errors.NotFound(`Cannot use folder ${path}: it is a link to nothing`));
  }
  const end = path.replace(/\/+$/, "").lastIndexOf("/");
  if (end < 0) return path;
  const parent = await realFolder(path.slice(0, end) || "/");
  return `${parent === "/" ? "" : parent}${path.slice(end).replace(/\/+$/, "")}`;
}

async function isLink(path: string): Promise<boolean> {
  return (await Deno.lstat(path).catch(() => undefined))?.isSymlink === true;
}
