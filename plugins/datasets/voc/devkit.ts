import { folderOf, resolvePath, userError } from "seamstress";
import type { Listings } from "./files.ts";

/**
 * Finds the folder that holds `JPEGImages`.
 *
 * @param root absolute path of it, of VOCdevkit, or of VOCdevkit's parent
 * @param files lists folders
 * @returns absolute path, such as `…/VOCdevkit/VOC2012`
 * @throws {Deno.errors.NotFound} with every path that was tried
 */
export async function findDevkit(root: string, files: Listings): Promise<string> {
  const places = [root, `${root}/VOC2012`, `${root}/VOCdevkit/VOC2012`];
  for (const place of places) if (await files.has(`${place}/JPEGImages`)) return place;
  throw userError(
    new Deno.errors.NotFound(
      `Cannot find a folder JPEGImages for root ${root}: looked in ${places.join(", ")}; ` +
        "root is VOCdevkit/VOC2012, VOCdevkit, or the folder that holds VOCdevkit; docs/downloads.md says what to fetch",
    ),
  );
}

/**
 * Lists where a file that belongs to the data is usually stored: inside the data folders, or next to them.
 *
 * @param name of the file
 * @param root absolute
 * @param devkit the result of {@linkcode findDevkit}
 * @returns absolute paths, the most likely first
 */
export function placesOf(name: string, root: string, devkit: string): readonly string[] {
  const near = [root, devkit, folderOf(devkit), folderOf(folderOf(devkit))];
  return [...new Set(near.map((folder) => resolvePath(folder, name)))];
}

/**
 * Finds a label file: at the recipe's path, else by its name inside or next to the data, where it is usually stored.
 *
 * @param path as the recipe gives it
 * @param base folder that a relative path starts from
 * @param root the recipe's root, absolute
 * @param devkit the result of {@linkcode findDevkit}
 * @param files lists folders
 * @returns absolute path
 * @throws {Deno.errors.NotFound} with every path that was tried
 */
export async function findLabels(
  path: string,
  base: string,
  root: string,
  devkit: string,
  files: Listings,
): Promise<string> {
  const stated = resolvePath(base, path);
  const name = stated.slice(stated.lastIndexOf("/") + 1);
  const places = [...new Set([stated, ...placesOf(name, root, devkit)])];
  const found = await files.first(places);
  if (found) return found;
  throw userError(
    new Deno.errors.NotFound(
      `Cannot find labels ${path}: looked for ${
        places.join(", ")
      }; docs/downloads.md says what to fetch`,
    ),
  );
}
