import {
  decodeNpy,
  decodePngNumbers,
  imageFormat,
  type ImageSize,
  type Raster,
  resolvePath,
  userError,
} from "seamstress";
import * as z from "zod";
import { hashIfThere, type Listings, readBytes } from "./files.ts";
import { onlyFile } from "./locate.ts";
import { absent, refuseMissing } from "./missing.ts";
import { orientationRemark } from "./orientation.ts";

/** Endings of maps, matched in any letter case. */
const ENDINGS = ["png", "npy"];

/** Names that other targets have. */
const TAKEN = ["label", "mask"];

/** Option `maps` of data sets on disk. */
export const mapsOption = z.record(z.string(), z.string().min(1)).refine(
  (maps) => Object.keys(maps).every((name) => /^[A-Za-z]\w*$/.test(name) && !TAKEN.includes(name)),
  "a map's name is letters, digits and _, and not label or mask, which are targets already",
).default({}).describe(
  "Extra maps, name: folder in root that holds NAME.png (8 or 16 bits) or NAME.npy of each image; a " +
    "training gives them to method and losses as targets of these names",
);

/** Extra maps of a data set: name → absolute path of their folder. */
export type MapFolders = Readonly<Record<string, string>>;

/**
 * @param maps option `maps`
 * @param root absolute path that its folders start from
 * @returns name → absolute path
 */
export function mapFolders(maps: Readonly<Record<string, string>>, root: string): MapFolders {
  return Object.fromEntries(
    Object.entries(maps).map(([name, folder]) => [name, resolvePath(root, folder)]),
  );
}

/**
 * @param folder of maps, absolute
 * @param image name of the image
 * @param files lists folders
 * @returns the path of its map, which need not exist
 * @throws {RangeError} naming both, where there are two
 */
async function mapPath(folder: string, image: string, files: Listings): Promise<string> {
  return onlyFile(image, await files.allOfEnding(folder, image, ENDINGS)) ??
    `${folder}/${image}.png`;
}

/** Numbers of a `.npy` of `[H,W]` or `[H,W,K]`. */
function fromNpy(bytes: Uint8Array, from: string): Raster {
  const { shape, data } = decodeNpy(bytes, from);
  const [height = 0, width = 0, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3 || height * width * channels === 0) {
    throw userError(
      new RangeError(`Cannot use map ${from}: its shape is [${shape}], expected [H,W] or [H,W,K]`),
    );
  }
  return { width, height, channels, data: Float32Array.from(data as ArrayLike<number>, Number) };
}

/**
 * Reads a map: the numbers of a PNG (grey, palette indices or channels) or of a `.npy`, as they are stored.
 *
 * @param path absolute
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @returns `[H,W,K]` float32
 * @throws {Error} naming the file where it is missing or broken, or holds what is no number
 */
async function readMap(path: string, limit: number): Promise<Raster> {
  const bytes = await readBytes(path);
  const isNpy = imageFormat(bytes) !== "PNG" && /\.npy$/i.test(path);
  const map = isNpy ? fromNpy(bytes, path) : decodePngNumbers(bytes, path, limit);
  const odd = map.data.find((value) => !Number.isFinite(value));
  if (odd === undefined) return map;
  throw userError(new RangeError(`Cannot use map ${path}: it holds ${odd}`));
}

/**
 * Reads the maps of an image, which must have its size.
 *
 * @param folders of the maps
 * @param image the image's name, size, path and first bytes
 * @param files lists folders
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @returns name → `[H,W,K]` float32
 * @throws {Error} naming the file that is missing, broken, or of another size
 */
export async function readMaps(
  folders: MapFolders,
  image: ImageSize & { readonly name: string; readonly path: string; readonly start: Uint8Array },
  files: Listings,
  limit: number,
): Promise<Readonly<Record<string, Raster>>> {
  const read: [string, Raster][] = [];
  for (const [name, folder] of Object.entries(folders)) {
    const file = await mapPath(folder, image.name, files);
    const map = await readMap(file, limit);
    if (map.width !== image.width || map.height !== image.height) {
      throw userError(
        new RangeError(
          `Cannot use map ${file}: it is ${map.width}x${map.height}, its image ${image.path} is ` +
            `${image.width}x${image.height}${orientationRemark(image.start)}`,
        ),
      );
    }
    read.push([name, map]);
  }
  return Object.fromEntries(read);
}

/**
 * Fails where an image lacks a map.
 *
 * @param folders of the maps
 * @param names of all images
 * @param split whose they are, for messages
 * @param files lists folders
 * @throws {Deno.errors.NotFound} with the number of maps that are missing and the first of them
 */
export async function checkMaps(
  folders: MapFolders,
  names: readonly string[],
  split: string,
  files: Listings,
): Promise<void> {
  for (const [map, folder] of Object.entries(folders)) {
    const missing: string[] = [];
    for (const name of names) {
      missing.push(...await absent(await mapPath(folder, name, files), files));
    }
    refuseMissing(missing, split, `${names.length} maps ${map}`, `looked in ${folder}`);
  }
}

/**
 * @param folders of the maps
 * @param name of an image
 * @param files lists folders
 * @returns hash of each of its maps, hex; `missing` where there is none
 */
export async function hashMaps(
  folders: MapFolders,
  name: string,
  files: Listings,
): Promise<readonly string[]> {
  const hashes: string[] = [];
  for (const folder of Object.values(folders)) {
    hashes.push(await hashIfThere(await mapPath(folder, name, files), files));
  }
  return hashes;
}
