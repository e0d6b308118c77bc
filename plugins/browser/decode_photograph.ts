import { DEFAULT_LIMITS } from "../../core/recipe/limits.ts";
import type { Raster } from "../../core/data/sample.ts";
import { userError } from "../../core/errors.ts";
import { withoutAlpha } from "../images/alpha.ts";
import { imageFormat } from "../images/format.ts";
import type { JpegDecoder } from "../images/jpeg_decoder.ts";
import { checkPixels } from "../images/pixel_limit.ts";

/** What is used here of a canvas off the page; the compiler knows Deno's global scope alone. */
interface Canvas {
  getContext(kind: "2d", options: { readonly willReadFrequently: boolean }): {
    drawImage(bitmap: ImageBitmap, x: number, y: number): void;
    getImageData(
      x: number,
      y: number,
      width: number,
      height: number,
    ): { readonly data: Uint8ClampedArray };
  };
}

/**
 * Decodes a photograph in a page: JPEG as Pillow does, bit for bit, with EXIF orientation not applied, as everywhere in a run; what else
 * the browser reads, such as PNG and WebP, by the browser, its colours not converted.
 *
 * @param bytes the file
 * @param from its name, for messages
 * @param jpeg decodes JPEG
 * @returns RGB uint8
 * @throws {Error} a user error, where it is no image that can be read
 */
export async function decodePhotograph(
  bytes: Uint8Array<ArrayBuffer>,
  from: string,
  jpeg: JpegDecoder,
): Promise<Raster> {
  if (imageFormat(bytes) === "JPEG") return await jpeg.decode(bytes, from);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes]), {
      colorSpaceConversion: "none",
      premultiplyAlpha: "none",
    });
  } catch (error) {
    throw userError(
      new SyntaxError(
        `Cannot decode ${from}: it is no image that this browser reads; give a JPEG or a PNG`,
        { cause: error },
      ),
    );
  }
  const { width, height } = bitmap;
  checkPixels({ width, height }, from, DEFAULT_LIMITS.pixels);
  return { width, height, channels: 3, data: rgbOf(bitmap) };
}

/** Red, green and blue of a bitmap, which is closed. */
function rgbOf(bitmap: ImageBitmap): Uint8Array {
  const { width, height } = bitmap;
  const { OffscreenCanvas } = globalThis as unknown as {
    readonly OffscreenCanvas: new (width: number, height: number) => Canvas;
  };
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return withoutAlpha(context.getImageData(0, 0, width, height).data);
}
