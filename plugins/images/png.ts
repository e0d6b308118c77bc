import { encode } from "fast-png";
import { userError } from "../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../core/recipe/limits.ts";
import type { Raster } from "../../core/data/sample.ts";
import { checkPixels } from "./pixel_limit.ts";
import { parsePng } from "./png_file.ts";
import { pngSamples } from "./png_samples.ts";
import type { Colour } from "./voc_palette.ts";

/** A decoded PNG. */
export interface Png {
  /** uint8; one channel holds palette indices where there is a palette, else grey. */
  readonly raster: Raster;
  /** Colours by index, where the file has them; transparency is dropped. */
  readonly palette?: readonly Colour[];
}

/**
 * Decodes a PNG without touching its numbers: palette indices stay indices.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @param limit most pixels, the recipe's `limits.pixels`
 * @returns uint8 pixels of 1 (indices or grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels
 * @throws {SyntaxError} naming the file where it is truncated, damaged or not a PNG
 * @throws {RangeError} naming the file where it has too many pixels, 16 bits per channel, or less than 8 bits of grey
 */
export function decodePng(
  bytes: Uint8Array,
  from: string,
  limit: number = DEFAULT_LIMITS.pixels,
): Png {
  const file = parsePng(bytes, from);
  const { width, height, channels, depth, palette } = file;
  checkPixels(file, from, limit);
  if (depth === 16 || (depth < 8 && !palette)) {
    throw userError(
      new RangeError(
        `Cannot use PNG ${from}: found ${depth} bits a channel, expected 8 (or a palette)`,
      ),
    );
  }
  const raster = { width, height, channels, data: pngSamples(file, from) };
  return { raster, ...palette && { palette } };
}

function checkedBytes(raster: Raster, channels: number): Uint8Array {
  const { width, height, data } = raster;
  if (raster.channels !== channels || !(data instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot encode PNG: found ${raster.channels} channels of ${data.constructor.name}, ` +
        `expected ${channels} of Uint8Array`,
    );
  }
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `Cannot encode PNG of ${width}x${height}x${channels}: found ${data.length} values`,
    );
  }
  return data;
}

/**
 * Encodes class numbers as a palette PNG, as VOC's masks are.
 *
 * @param mask one channel uint8
 * @param palette colours by class number, at most 256
 * @returns the file
 * @throws {RangeError} where a class number has no colour
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodePng, encodeIndexedPng, vocPalette } from "seamstress";
 * const mask = { width: 2, height: 1, channels: 1, data: new Uint8Array([20, 255]) };
 * assertEquals(decodePng(encodeIndexedPng(mask, vocPalette()), "mask.png").raster, mask);
 * ```
 */
export function encodeIndexedPng(mask: Raster, palette: readonly Colour[]): Uint8Array {
  const data = checkedBytes(mask, 1);
  const high = data.reduce((most, value) => Math.max(most, value), 0);
  if (high >= palette.length || palette.length > 256) {
    throw new RangeError(
      `Cannot encode class ${high} with a palette of ${palette.length} colours: ` +
        "every class needs one, at most 256",
    );
  }
  const colours = palette.map((colour) => [...colour]);
  return encode({ width: mask.width, height: mask.height, data, channels: 1, palette: colours });
}

/**
 * Encodes an RGB image as PNG.
 *
 * @param image three channels uint8
 * @returns the file
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodePng, encodeRgbPng } from "seamstress";
 * const image = { width: 1, height: 1, channels: 3, data: new Uint8Array([1, 2, 3]) };
 * assertEquals(decodePng(encodeRgbPng(image), "image.png").raster, image);
 * ```
 */
export function encodeRgbPng(image: Raster): Uint8Array {
  const data = checkedBytes(image, 3);
  return encode({ width: image.width, height: image.height, data, channels: 3 });
}
