import type { Raster } from "../../core/data/sample.ts";
import { DEFAULT_LIMITS } from "../../core/recipe/limits.ts";
import { checkPixels } from "./pixel_limit.ts";
import { parsePng } from "./png_file.ts";
import { pngSamples } from "./png_samples.ts";

/**
 * Reads the numbers of a PNG as they are stored: grey values, palette indices or channels, of up to 16 bits.
 *
 * @param bytes the file
 * @param from its path, for messages
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @returns float32, 0..255, or 0..65535 of 16 bits
 * @throws {SyntaxError} where the file is broken
 * @throws {RangeError} where it has more pixels
 */
export function decodePngNumbers(
  bytes: Uint8Array,
  from: string,
  limit: number = DEFAULT_LIMITS.pixels,
): Raster & { readonly data: Float32Array } {
  const file = parsePng(bytes, from);
  const { width, height, channels, depth } = file;
  checkPixels(file, from, limit);
  if (depth !== 16) {
    return { width, height, channels, data: Float32Array.from(pngSamples(file, from)) };
  }
  // A sample of 16 bits lies where two of 8 bits would: high byte, low byte.
  const halves = pngSamples({ ...file, depth: 8, channels: 2 * channels }, from);
  const data = new Float32Array(width * height * channels);
  for (let i = 0; i < data.length; i++) data[i] = halves[2 * i]! * 256 + halves[2 * i + 1]!;
  return { width, height, channels, data };
}
