import { decodeJpeg, decodeRgbPng, imageFormat, type Raster, userError } from "seamstress";

/**
 * Decodes a photograph as Pillow's `Image.open(…).convert("RGB")` does: JPEG or PNG, recognised by its content, not its name.
 *
 * @param bytes the file
 * @param from its path, for messages
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @param remark called with defects of the file that do not affect the pixels
 * @returns RGB uint8
 * @throws {SyntaxError} where the file is broken
 * @throws {RangeError} where it has another format, an unsupported variant, or too many pixels
 */
export async function decodeImage(
  bytes: Uint8Array,
  from: string,
  limit?: number,
  remark?: (line: string) => void,
): Promise<Raster> {
  const format = imageFormat(bytes);
  if (format === "PNG") return decodeRgbPng(bytes, from, limit);
  if (format === "JPEG" || format === undefined) {
    return await decodeJpeg(bytes, from, limit, remark);
  }
  throw userError(
    new RangeError(`Cannot decode ${from}: its content is ${format}, expected JPEG or PNG`),
  );
}
