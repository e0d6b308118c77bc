import type { Listings } from "./files.ts";
import type { Located } from "./labels.ts";
import type { Entry } from "./split.ts";

/** Folders of masks in a devkit, the first that has one wins. */
export const MASK_FOLDERS: readonly string[] = ["SegmentationClassAug", "SegmentationClass"];

/** Endings of images, in small letters or capitals; the first that is there wins. */
export const IMAGE_ENDINGS: readonly string[] = ["jpg", "jpeg", "png"];

/** Endings of masks, likewise. */
const MASK_ENDINGS: readonly string[] = ["png"];

/**
 * Finds an entry's image and mask.
 *
 * @param entry of a split's list
 * @param devkit folder that holds `JPEGImages`
 * @param maskFolders absolute, the first that has the mask wins
 * @param listedMask whether a mask that the list names wins over these
 * @param files looks folders up
 * @returns their paths; the image's need not exist, the mask's is left out where there is none
 */
export async function locate(
  { name, image, mask }: Entry,
  devkit: string,
  maskFolders: readonly string[],
  listedMask: boolean,
  files: Listings,
): Promise<Located> {
  const photographs = `${devkit}/JPEGImages`;
  let found = listedMask ? mask : undefined;
  for (const folder of maskFolders) found ??= await files.ofEnding(folder, name, MASK_ENDINGS);
  return {
    name,
    image: image ?? await files.ofEnding(photographs, name, IMAGE_ENDINGS) ??
      `${photographs}/${name}.jpg`,
    ...(found ? { mask: found } : {}),
  };
}
