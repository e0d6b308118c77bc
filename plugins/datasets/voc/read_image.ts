import type { Raster } from "seamstress";
import { type Listings, readBytes } from "./files.ts";
import { decodeImage } from "./image.ts";
import { type MapFolders, readMaps } from "./maps.ts";

/** What belongs to an image beside its mask and label. */
export interface ReadImage {
  /** The file, for messages on its orientation. */
  readonly bytes: Uint8Array;
  /** RGB uint8. */
  readonly image: Raster;
  /** Name → `[H,W,K]` float32, where maps were asked for. */
  readonly maps?: Readonly<Record<string, Raster>>;
}

/**
 * Reads an image and, where asked for, its extra maps.
 *
 * @param sample the image's name and absolute path
 * @param folders of the maps; undefined where none are wanted
 * @param files lists folders
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @returns pixels, maps and the file
 * @throws {Error} naming the file that is missing or broken, or a map of another size
 */
export async function readImage(
  { name, image: path }: { readonly name: string; readonly image: string },
  folders: MapFolders | undefined,
  files: Listings,
  limit: number,
): Promise<ReadImage> {
  const bytes = await readBytes(path);
  const image = await decodeImage(bytes, path, limit);
  if (folders === undefined) return { bytes, image };
  const { width, height } = image;
  const maps = await readMaps(folders, { name, path, width, height, start: bytes }, files, limit);
  return { bytes, image, maps };
}
