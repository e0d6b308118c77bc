import { resolvePath, userError } from "seamstress";
import { findDevkit } from "./devkit.ts";
import type { Listings } from "./files.ts";
import type { Located } from "./labels.ts";
import { IMAGE_ENDINGS, locate, MASK_FOLDERS } from "./locate.ts";
import { type Entry, readSplit } from "./split.ts";

/** Paths of a devkit's parts. */
export interface DevkitPlaces {
  /** VOCdevkit/VOC2012, VOCdevkit, or the folder that holds VOCdevkit; absolute. */
  readonly root: string;
  /** Folder of split lists, relative to the devkit's folder; VOC's where not given. */
  readonly lists?: string | undefined;
  /** Folder of masks, relative to the devkit's folder; VOC's where not given. */
  readonly masks?: string | undefined;
}

/** A devkit with its lists. */
export interface Devkit {
  /** Folder that holds `JPEGImages`. */
  readonly path: string;
  /** Names of the lists, in order. */
  readonly splits: readonly string[];
  /**
   * Reads a list and finds its files.
   *
   * @param split one of `splits`
   * @returns one sample per image
   * @throws {Error} where the list cannot be read
   */
  read(split: string): Promise<readonly Located[]>;
}

/** Name used as the split of a devkit without lists. */
export const ALL = "(no list: all of JPEGImages)";

/**
 * Finds a devkit and its lists. Where it has no list, all images in `JPEGImages` form one, {@linkcode ALL}.
 *
 * @param places paths of its parts
 * @param files lists folders
 * @returns the devkit
 * @throws {Deno.errors.NotFound} where there is no devkit, or no image in it
 */
export async function openDevkit(
  { root, lists = "ImageSets/Segmentation", masks }: DevkitPlaces,
  files: Listings,
): Promise<Devkit> {
  const path = await findDevkit(root, files);
  const folders = (masks === undefined ? MASK_FOLDERS : [masks])
    .map((folder) => resolvePath(path, folder));
  const names = await files.names(resolvePath(path, lists));
  const splits = names.filter((name) => name.endsWith(".txt")).map((name) => name.slice(0, -4));
  const read = async (split: string) => {
    const entries = split === ALL
      ? await allImages(path, files)
      : await readSplit(split, lists, path, path, files);
    return await Promise.all(
      entries.map((entry) => locate(entry, path, folders, masks === undefined, files)),
    );
  };
  return { path, splits: splits.length > 0 ? splits.sort() : [ALL], read };
}

/**
 * Finds all images of a devkit, in a list or not.
 *
 * @param devkit folder that holds `JPEGImages`
 * @param files lists folders
 * @returns one entry per image, sorted by name
 * @throws {Deno.errors.NotFound} where there is none
 */
export async function allImages(devkit: string, files: Listings): Promise<readonly Entry[]> {
  const folder = `${devkit}/JPEGImages`;
  const ending = new RegExp(`(.)\\.(?:${IMAGE_ENDINGS.join("|")})$`, "i");
  const names = (await files.names(folder)).flatMap((name) =>
    ending.test(name) ? [name.replace(ending, "$1")] : []
  );
  if (names.length > 0) return [...new Set(names)].sort().map((name) => ({ name }));
  throw userError(new Deno.errors.NotFound(`Cannot use ${folder}: it holds no picture`));
}
