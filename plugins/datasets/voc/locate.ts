import type { Listings } from "./files.ts";
import type { Located } from "./labels.ts";
import type { Entry } from "./split.ts";

/** Folders of masks in a devkit, the first that has one wins. */
export const MASK_FOLDERS: readonly string[] = ["SegmentationClassAug", "SegmentationClass"];

/** Endings of images, the first that is there wins. */
export const IMAGE_ENDINGS: readonly string[] = ["jpg", "jpeg", "JPG", "JPEG", "png"];

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
  const images = IMAGE_ENDINGS.map((ending) => `${devkit}/JPEGImages/${name}.${ending}`);
  const masks = maskFolders.map((folder) => `${folder}/${name}.png`);
  const found = listedMask && mask ? mask : await files.first(masks);
  return {
    name,
    image: image ?? await files.first(images) ?? images[0]!,
    ...(found ? { mask: found } : {}),
  };
}
