import { hasMask, type Raster, readMask, resizeNearest } from "seamstress";
import { hasCams, readCams } from "seamstress/wsss";
import type { ClassMaps } from "./alpha_counts.ts";
import type { Source } from "./sources.ts";

/** What a stage made of an image. */
export interface ImageMap {
  readonly width: number;
  readonly height: number;
  /** Of a stage that infers CAMs. */
  readonly cams?: ClassMaps;
  /** Of a stage that makes masks: class of every pixel, 0 background, 255 nothing said. */
  readonly mask?: Uint8Array;
}

/** What a split's images may be. */
export interface MapLimits {
  /** Number of foreground classes. */
  readonly classes: number;
  /** Most pixels of a mask. */
  readonly pixels: number;
}

/**
 * Reads what a stage made of an image.
 *
 * @param source the stage
 * @param name the image's
 * @param limits what it may be
 * @returns the map; `undefined` where there is none (yet)
 * @throws {Error} naming the file where it is broken
 */
export async function readMap(
  source: Source,
  name: string,
  { classes, pixels }: MapLimits,
): Promise<ImageMap | undefined> {
  if (source.kind === "masks") {
    if (!await hasMask(source.folder, name)) return undefined;
    const { width, height, data } = await readMask(source.folder, name, classes, pixels);
    return { width, height, mask: data as Uint8Array };
  }
  if (!await hasCams(source.folder, name)) return undefined;
  const { cams } = await readCams(source.folder, name);
  return cams && { width: cams.width, height: cams.height, cams: cams.maps };
}

/**
 * The truth in the size of a map: CAMs may be of reduced images.
 *
 * @param truth class of every pixel
 * @param map to be compared
 * @returns `[map.height*map.width]`
 */
export function truthFor(truth: Raster, { width, height }: ImageMap): Uint8Array {
  const fits = truth.width === width && truth.height === height;
  return (fits ? truth : resizeNearest(truth, width, height)).data as Uint8Array;
}
