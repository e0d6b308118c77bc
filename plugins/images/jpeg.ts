import type { Raster } from "../../core/data/sample.ts";
import { JpegDecoder } from "./jpeg_decoder.ts";

/** The decoder of this thread. The package's own loader fetches the code by URL; read from disk it needs no network permission. */
const decoder = new JpegDecoder(async () => {
  const url = import.meta.resolve("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm");
  return await WebAssembly.compile(await Deno.readFile(new URL(url)));
});

/**
 * Decodes a JPEG as Pillow does, bit for bit: accurate integer DCT, smooth chroma upsampling, grey made RGB, EXIF orientation
 * not applied. libjpeg fills what is missing from a damaged file with grey and only warns; here such a warning is an error.
 * Stray bytes between segments are passed over, as by Pillow.
 *
 * @param bytes the file
 * @param from the file's path, for messages
 * @param limit most pixels, the recipe's `limits.pixels`
 * @param remark told what libjpeg remarks on though the pixels are whole
 * @returns RGB uint8
 * @throws {SyntaxError} naming the file where it is truncated, damaged or not a JPEG
 * @throws {RangeError} naming the file where it has too many pixels, CMYK, more than 8 bits, or a rare coding
 */
export function decodeJpeg(
  bytes: Uint8Array,
  from: string,
  limit?: number,
  remark?: (line: string) => void,
): Promise<Raster> {
  return decoder.decode(bytes, from, limit, remark);
}
