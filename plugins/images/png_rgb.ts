import { userError } from "../../core/errors.ts";
import { DEFAULT_LIMITS } from "../../core/recipe/limits.ts";
import type { Raster } from "../../core/data/sample.ts";
import { checkPixels } from "./pixel_limit.ts";
import { parsePng, type PngFile } from "./png_file.ts";
import { pngSamples } from "./png_samples.ts";
import type { Colour } from "./voc_palette.ts";

/** Red, green and blue of 256 indices. Where a palette is shorter, Pillow has grey of the index. */
function lookup(palette: readonly Colour[]): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) table.set(palette[i] ?? [i, i, i], 3 * i);
  return table;
}

/** Colours by the value of a single channel: those of the palette, or greys, stretched where they have less than 8 bits. */
function coloursOf({ palette, depth }: PngFile): Uint8Array {
  if (palette) return lookup(palette);
  const scale = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
  return lookup(Array.from({ length: 256 }, (_, i): Colour => [i * scale, i * scale, i * scale]));
}

/**
 * Decodes a PNG photograph as Pillow's `Image.open(…).convert("RGB")` does: palette colours looked up, greys of few bits stretched
 * to 0..255, of 16 bits per channel the high byte, transparency dropped and not blended, profiles and gamma not applied.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @param limit most pixels, the recipe's `limits.pixels`
 * @returns RGB uint8
 * @throws {SyntaxError} naming the file where it is truncated, damaged or not a PNG
 * @throws {RangeError} naming the file where it has too many pixels, or grey of 16 bits without alpha, of which Pillow's versions
 * make different things
 */
export function decodeRgbPng(
  bytes: Uint8Array,
  from: string,
  limit: number = DEFAULT_LIMITS.pixels,
): Raster {
  const file = parsePng(bytes, from);
  const { width, height, channels, depth } = file;
  checkPixels(file, from, limit);
  if (channels === 1 && depth === 16) {
    throw userError(
      new RangeError(
        `Cannot use PNG ${from}: found grey of 16 bits, which versions of Pillow read differently; save it with 8 bits`,
      ),
    );
  }
  const samples = pngSamples(file, from);
  if (channels === 3) return { width, height, channels: 3, data: samples };
  const data = new Uint8Array(width * height * 3);
  if (channels === 4) {
    for (let to = 0, at = 0; to < data.length; to += 3, at += 4) {
      data[to] = samples[at]!;
      data[to + 1] = samples[at + 1]!;
      data[to + 2] = samples[at + 2]!;
    }
    return { width, height, channels: 3, data };
  }
  const colours = coloursOf(file);
  for (let to = 0, at = 0; to < data.length; to += 3, at += channels) {
    const colour = 3 * samples[at]!;
    data[to] = colours[colour]!;
    data[to + 1] = colours[colour + 1]!;
    data[to + 2] = colours[colour + 2]!;
  }
  return { width, height, channels: 3, data };
}
