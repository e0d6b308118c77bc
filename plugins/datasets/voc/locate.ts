import { userError } from "seamstress";
import type { Listings } from "./files.ts";
import type { Located } from "./labels.ts";
import type { Entry } from "./split.ts";

/** Mask folders of a devkit, in order of precedence. */
export const MASK_FOLDERS: readonly string[] = ["SegmentationClassAug", "SegmentationClass"];

/** File extensions of images, matched in any letter case. */
export const IMAGE_ENDINGS: readonly string[] = ["jpg", "jpeg", "png"];

/** File extensions of masks, matched in any letter case. */
export const MASK_ENDINGS: readonly string[] = ["png"];

/**
 * The only file that could be meant.
 *
 * @param name whose files they are
 * @param paths of all that are there
 * @returns the path; undefined where there is none
 * @throws {RangeError} naming two, where there are more
 */
export function onlyFile(name: string, [found, other]: readonly string[]): string | undefined {
  if (other === undefined) return found;
  throw userError(
    new RangeError(
      `Cannot find the file of ${name}: there are ${found} and ${other}; remove or rename one of them`,
    ),
  );
}

/**
 * Finds an entry's image and mask.
 *
 * @param entry of a split's list
 * @param devkit folder that holds `JPEGImages`
 * @param maskFolders absolute paths, in order of precedence
 * @param listedMask whether a mask path in the list takes precedence over these
 * @param files looks folders up
 * @returns their paths; the image's need not exist, the mask's is left out where there is none
 * @throws {RangeError} naming both, where two files could be the image or the mask and the list does not say which
 */
export async function locate(
  { name, image, mask }: Entry,
  devkit: string,
  maskFolders: readonly string[],
  listedMask: boolean,
  files: Listings,
): Promise<Located> {
  const photographs = `${devkit}/JPEGImages`;
  const only = async (folder: string, endings: readonly string[]) =>
    onlyFile(name, await files.allOfEnding(folder, name, endings));
  let found = listedMask ? mask : undefined;
  for (const folder of maskFolders) found ??= await only(folder, MASK_ENDINGS);
  return {
    name,
    image: image ?? await only(photographs, IMAGE_ENDINGS) ??
      `${photographs}/${name}.jpg`,
    ...(found ? { mask: found } : {}),
  };
}
