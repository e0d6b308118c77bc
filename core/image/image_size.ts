/** An image's extent in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Bytes that suffice: a JPEG's metadata segments come first and are at most 64 KiB each. */
export const HEADER_BYTES = 1 << 18;

/** JPEG's start-of-frame markers: all of C0 to CF but the tables C4, C8 and CC. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function jpegSize(view: DataView): ImageSize | undefined {
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (isFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // A filling byte stands alone; a segment says its length.
    at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/**
 * Reads the extent that a JPEG or PNG file's header states, without decoding pixels.
 *
 * @param bytes the file, or its first {@linkcode HEADER_BYTES}
 * @returns width and height in pixels, or `undefined` where the header is of neither format or says nothing
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { imageSize } from "./image_size.ts";
 * import { encodeRgbPng } from "./png.ts";
 * const png = encodeRgbPng({ width: 3, height: 2, channels: 3, data: new Uint8Array(18) });
 * assertEquals(imageSize(png), { width: 3, height: 2 });
 * ```
 */
export function imageSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 24) return undefined;
  if (view.getUint16(0) === 0xffd8) return jpegSize(view);
  const isPng = view.getUint32(0) === 0x89504e47 && view.getUint32(12) === 0x49484452;
  return isPng ? { width: view.getUint32(16), height: view.getUint32(20) } : undefined;
}
