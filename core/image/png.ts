import { decode, encode } from "fast-png";
import { messageOf, mistake } from "../errors.ts";
import type { Raster } from "../sample.ts";
import type { Colour } from "./voc_palette.ts";

/** A decoded PNG. */
export interface Png {
  /** uint8; one channel holds palette indices where there is a palette, else grey. */
  readonly raster: Raster;
  /** Colours by index, where the file has them; transparency is dropped. */
  readonly palette?: readonly Colour[];
}

/** Spreads packed 1, 2 or 4 bit indices, whose rows start at whole bytes, to one byte each. */
function unpack(packed: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const stride = Math.ceil(width * depth / 8);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = packed[y * stride + (bit >> 3)]!;
      data[y * width + x] = byte >> (8 - depth - (bit & 7)) & ((1 << depth) - 1);
    }
  }
  return data;
}

/**
 * Decodes a PNG without touching its numbers: palette indices stay indices.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @returns uint8 pixels of 1 (indices or grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels
 * @throws {SyntaxError} naming the file where it is truncated, damaged or not a PNG
 * @throws {RangeError} naming the file where it has 16 bits a channel, less than 8 bits of grey, or few-bit interlaced indices
 */
export function decodePng(bytes: Uint8Array, from: string): Png {
  let png: ReturnType<typeof decode>;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw mistake(
      new SyntaxError(
        `Cannot decode ${from} as PNG: ${messageOf(error)} ` +
          "(the file is cut short, damaged or of another format)",
      ),
    );
  }
  const { width, height, channels, depth } = png;
  const palette = png.palette?.map(([red, green, blue]): Colour => [red!, green!, blue!]);
  const indexed = channels === 1 && palette !== undefined;
  if (depth === 16 || (depth < 8 && !indexed)) {
    throw mistake(
      new RangeError(
        `Cannot use PNG ${from}: found ${depth} bits a channel, expected 8 (or a palette)`,
      ),
    );
  }
  // 8 bits or less, as checked above, is what fast-png gives as bytes.
  const stored = new Uint8Array(png.data.buffer as ArrayBuffer, 0, png.data.length);
  // fast-png spreads few-bit interlaced pixels wrongly.
  if (depth < 8 && stored.length !== Math.ceil(width * depth / 8) * height) {
    throw mistake(
      new RangeError(
        `Cannot use PNG ${from}: found ${depth} bit indices, interlaced; save it without interlacing`,
      ),
    );
  }
  const data = depth < 8 ? unpack(stored, width, height, depth) : stored;
  if (data.length !== width * height * channels) {
    throw new Error(
      `Decoded ${data.length} bytes of ${from}, a PNG of ${width}x${height}x${channels}`,
    );
  }
  return { raster: { width, height, channels, data }, ...(indexed ? { palette } : {}) };
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
 * import { decodePng, encodeIndexedPng } from "./png.ts";
 * import { vocPalette } from "./voc_palette.ts";
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
 * import { decodePng, encodeRgbPng } from "./png.ts";
 * const image = { width: 1, height: 1, channels: 3, data: new Uint8Array([1, 2, 3]) };
 * assertEquals(decodePng(encodeRgbPng(image), "image.png").raster, image);
 * ```
 */
export function encodeRgbPng(image: Raster): Uint8Array {
  const data = checkedBytes(image, 3);
  return encode({ width: image.width, height: image.height, data, channels: 3 });
}
