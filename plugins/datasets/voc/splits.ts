import { resolvePath } from "seamstress";
import { allImages } from "./all_images.ts";
import { findDevkit } from "./devkit.ts";
import type { Listings } from "./files.ts";
import type { Located } from "./labels.ts";
import { locate, MASK_FOLDERS } from "./locate.ts";
import { listNames, readSplit } from "./split.ts";

/** Paths of a devkit's parts. */
export interface DevkitPlaces {
  /** VOCdevkit/VOC2012, VOCdevkit, or the folder that holds VOCdevkit; absolute. */
  readonly root: string;
  /** Folder of split lists, relative to the devkit's folder; VOC's where not given. */
  readonly lists?: string | undefined;
  /** Folder of masks, relative to the devkit's folder; VOC's where not given. */
  readonly masks?: string | undefined;
}

/** Images on disk with their lists: a devkit, or data in another layout. */
export interface Devkit {
  /** Folder that all paths start from; of a devkit the one that holds `JPEGImages`. */
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
  /** Names of all images, listed or not. Throws where there is none. */
  all(): Promise<readonly string[]>;
}

/** Folder of split lists of a devkit. */
export const LISTS = "ImageSets/Segmentation";

/** Name used as the split of data without lists. */
export const ALL = "(no list: all images)";

/**
 * Finds a devkit and its lists. Where it has no list, all images in `JPEGImages` form one, {@linkcode ALL}.
 *
 * @param places paths of its parts
 * @param files lists folders
 * @returns the devkit
 * @throws {Deno.errors.NotFound} where there is no devkit, or no image in it
 */
export async function openDevkit(
  { root, lists = LISTS, masks }: DevkitPlaces,
  files: Listings,
): Promise<Devkit> {
  const path = await findDevkit(root, files);
  const folders = (masks === undefined ? MASK_FOLDERS : [masks])
    .map((folder) => resolvePath(path, folder));
  const splits = await listNames(resolvePath(path, lists), files);
  const read = async (split: string) => {
    const entries = split === ALL
      ? await allImages(path, files)
      : await readSplit(split, lists, path, path, files);
    return await Promise.all(
      entries.map((entry) => locate(entry, path, folders, masks === undefined, files)),
    );
  };
  const all = async () => (await allImages(path, files)).map(({ name }) => name);
  return { path, splits: splits.length > 0 ? splits : [ALL], read, all };
}
