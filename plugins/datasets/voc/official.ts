import { resolvePath } from "seamstress";

/** Images in the official segmentation lists of PASCAL VOC 2012; train_aug is SBD's addition, as SEAM and others use it. */
const VOC2012: Readonly<Record<string, number>> = {
  train: 1464,
  val: 1449,
  trainval: 2913,
  trainaug: 10582,
  train_aug: 10582,
  test: 1456,
};

/**
 * Returns the number of images in VOC 2012's official list of a name.
 *
 * @param devkit folder that holds `JPEGImages`
 * @param split the list's name
 * @returns the number, where the folder is called VOC2012 and has such a list
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { officialCount } from "./official.ts";
 * assertEquals(officialCount("/data/VOCdevkit/VOC2012", "train"), 1464);
 * assertEquals(officialCount("/data/mine", "train"), undefined);
 * ```
 */
export function officialCount(devkit: string, split: string): number | undefined {
  const isVoc = resolvePath("/", devkit).endsWith("/VOC2012");
  return isVoc && Object.hasOwn(VOC2012, split) ? VOC2012[split] : undefined;
}
