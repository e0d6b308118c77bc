import { mistake } from "../../../core/errors.ts";
import { decodeJpeg } from "../../../core/image/jpeg.ts";
import { decodePng } from "../../../core/image/png.ts";
import type { Raster } from "../../../core/sample.ts";

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

/**
 * Decodes a photograph: JPEG, or PNG whatever the file is called.
 *
 * @param bytes the file
 * @param from its path, for messages
 * @returns RGB uint8
 * @throws {SyntaxError} where the file is broken
 * @throws {RangeError} where a PNG is not RGB
 */
export async function decodeImage(bytes: Uint8Array, from: string): Promise<Raster> {
  if (!PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return await decodeJpeg(bytes, from);
  const { raster, palette } = decodePng(bytes, from);
  if (raster.channels === 3) return raster;
  const found = palette ? "a palette" : `${raster.channels} channels`;
  throw mistake(new RangeError(`Cannot use image ${from}: found ${found}, expected RGB`));
}
