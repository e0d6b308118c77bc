import { mistake } from "../../../core/errors.ts";
import { decodePng } from "../../../core/image/png.ts";
import type { Raster } from "../../../core/sample.ts";

/**
 * Reads a mask's class numbers: palette indices, or the values of a grey image.
 *
 * @param bytes the PNG file
 * @param from its path, for messages
 * @returns one channel uint8
 * @throws {SyntaxError} where the file is broken
 * @throws {RangeError} where it holds colours instead of class numbers
 */
export function readIndices(bytes: Uint8Array, from: string): Raster & { data: Uint8Array } {
  const { raster } = decodePng(bytes, from);
  const { data } = raster;
  if (raster.channels !== 1 || !(data instanceof Uint8Array)) {
    throw mistake(
      new RangeError(
        `Cannot use mask ${from}: found ${raster.channels} channels, expected one of class numbers ` +
          "(a palette or grey PNG)",
      ),
    );
  }
  return { ...raster, data };
}
