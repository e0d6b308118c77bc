import type { WriteFile } from "../../core/contracts/write_file.ts";
import { userError } from "../../core/errors.ts";
import { readStored } from "../formats/stored_files.ts";
import { exists } from "../formats/exists.ts";
import { decodePng, encodeIndexedPng } from "./png.ts";
import { vocPalette } from "./voc_palette.ts";
import type { Raster } from "../../core/data/sample.ts";

/** Pixels of this value are ignored. */
const IGNORED = 255;

/**
 * The file that holds an image's mask.
 *
 * @param folder of masks
 * @param name the image's
 * @returns the path
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { maskFile } from "seamstress";
 * assertEquals(maskFile("masks", "2007_000032"), "masks/2007_000032.png");
 * ```
 */
export function maskFile(folder: string, name: string): string {
  return `${folder}/${name}.png`;
}

/**
 * Writes one image's mask, whole or not at all: a PNG of class numbers with VOC's palette.
 *
 * @param folder that holds one file per image; exists
 * @param name the image's name
 * @param mask one channel uint8: 0 background, 255 ignored
 * @param write writes the file: a stage's `context.write`, or `writeAtomic` elsewhere
 * @throws {Error} naming the file where it cannot be written
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readMask, writeAtomic, writeMask } from "seamstress";
 * const folder = await Deno.makeTempDir();
 * const mask = { width: 2, height: 1, channels: 1, data: Uint8Array.of(3, 255) };
 * await writeMask(folder, "cat", mask, writeAtomic);
 * assertEquals(await readMask(folder, "cat", 3), mask);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeMask(
  folder: string,
  name: string,
  mask: Raster,
  write: WriteFile,
): Promise<void> {
  // Colours are for the eye alone, whatever the data set: viewers of masks show those of VOC. Readers take the numbers.
  await write(maskFile(folder, name), encodeIndexedPng(mask, vocPalette()));
}

/**
 * Reads one image's mask.
 *
 * @param folder that holds one file per image
 * @param name the image's name
 * @param classes foreground classes: the largest class number but 255
 * @param limit most pixels, the recipe's `limits.pixels`
 * @returns one channel uint8
 * @throws {Deno.errors.NotFound} naming the file where there is none
 * @throws {SyntaxError} naming the file where it is broken
 * @throws {RangeError} naming the file where it holds anything but class numbers, or too many pixels
 */
export function readMask(
  folder: string,
  name: string,
  classes: number,
  limit?: number,
): Promise<Raster> {
  return readMaskAt(maskFile(folder, name), classes, limit);
}

/**
 * Reads a mask by its path, as {@linkcode readMask} does.
 *
 * @param path of the file
 * @param classes foreground classes: the largest class number but 255
 * @param limit most pixels, the recipe's `limits.pixels`
 * @returns one channel uint8
 * @throws {Error} as `readMask` does
 */
export async function readMaskAt(path: string, classes: number, limit?: number): Promise<Raster> {
  const { raster } = decodePng(await readStored(path, "read mask"), path, limit);
  const { channels, data } = raster;
  if (channels !== 1) {
    throw userError(
      new RangeError(
        `Cannot use mask ${path}: found ${channels} channels, expected one of class numbers`,
      ),
    );
  }
  const unknown = data.findIndex((label) => label > classes && label !== IGNORED);
  if (unknown >= 0) {
    throw userError(
      new RangeError(
        `Cannot use mask ${path}: it holds class ${
          data[unknown]
        }, the data set has 0 to ${classes} and ${IGNORED} for ignored pixels`,
      ),
    );
  }
  return raster;
}

/**
 * Looks for one image's mask.
 *
 * @param folder that holds one file per image
 * @param name the image's name
 * @returns whether its mask is stored
 */
export function hasMask(folder: string, name: string): Promise<boolean> {
  return exists(maskFile(folder, name));
}
