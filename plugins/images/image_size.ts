import { jpegFrame } from "./jpeg_frame.ts";

/** An image's extent in pixels. */
export interface ImageSize {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** Bytes that suffice for most: a JPEG's metadata segments come first and are at most 64 KiB each. */
export const HEADER_BYTES = 1 << 18;

/**
 * Reads the extent that a JPEG or PNG file's header states, without decoding pixels.
 *
 * @param bytes the file, or its first {@linkcode HEADER_BYTES}
 * @returns width and height in pixels, or `undefined` where the header is of neither format or says nothing
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { encodeRgbPng, imageSize } from "seamstress";
 * const png = encodeRgbPng({ width: 3, height: 2, channels: 3, data: new Uint8Array(18) });
 * assertEquals(imageSize(png), { width: 3, height: 2 });
 * ```
 */
export function imageSize(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 24) return undefined;
  const frame = jpegFrame(bytes);
  if (frame) return { width: frame.width, height: frame.height };
  const isPng = view.getUint32(0) === 0x89504e47 && view.getUint32(12) === 0x49484452;
  return isPng ? { width: view.getUint32(16), height: view.getUint32(20) } : undefined;
}
