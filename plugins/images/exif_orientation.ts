const ORIENTATION = 0x0112, SHORT = 3;

/** Reads the tag from TIFF data: a byte order, then a directory of entries of 12 bytes. */
function tiffOrientation(tiff: DataView): number {
  if (tiff.byteLength < 8) return 1;
  const order = tiff.getUint16(0), little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || tiff.getUint16(2, little) !== 42) return 1;
  const first = tiff.getUint32(4, little);
  if (first + 2 > tiff.byteLength) return 1;
  const entries = tiff.getUint16(first, little);
  for (let i = 0; i < entries; i++) {
    const at = first + 2 + 12 * i;
    if (at + 12 > tiff.byteLength) return 1;
    if (tiff.getUint16(at, little) !== ORIENTATION) continue;
    const value = tiff.getUint16(at + 2, little) === SHORT ? tiff.getUint16(at + 8, little) : 1;
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

const slice = (view: DataView, begin: number, end: number) =>
  new DataView(
    view.buffer,
    view.byteOffset + begin,
    Math.max(0, Math.min(end, view.byteLength) - begin),
  );

/** EXIF of a JPEG lies in a segment APP1 before the scan. */
function jpegOrientation(view: DataView): number {
  for (let at = 2; at + 4 <= view.byteLength && view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const length = view.getUint16(at + 2), begin = at + 4;
    const isExif = marker === 0xe1 && begin + 6 <= view.byteLength &&
      view.getUint32(begin) === 0x45786966 && view.getUint16(begin + 4) === 0;
    if (isExif) return tiffOrientation(slice(view, begin + 6, at + 2 + length));
    at += 2 + length;
  }
  return 1;
}

/** EXIF of a PNG is a chunk eXIf. */
function pngOrientation(view: DataView): number {
  for (let at = 8; at + 12 <= view.byteLength;) {
    const length = view.getUint32(at), begin = at + 8;
    if (view.getUint32(at + 4) === 0x65584966) {
      return tiffOrientation(slice(view, begin, begin + length));
    }
    at = begin + length + 4;
  }
  return 1;
}

/**
 * Reads the orientation that a JPEG's or PNG's EXIF states: how a viewer turns it, 1 upright, 3 by 180°, 6 and 8 by 90°, the others
 * mirrored. Pixels are never turned by it here, nor by Pillow's `Image.open`, as which the SEAM authors read.
 *
 * @param bytes the file, or its beginning
 * @returns 1 to 8; 1 where there is no EXIF, or none that can be read
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { exifOrientation } from "seamstress";
 * const segment = [0xff, 0xe1, 0, 34, ...new TextEncoder().encode("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0")];
 * assertEquals(exifOrientation(Uint8Array.of(0xff, 0xd8, ...segment)), 6);
 * assertEquals(exifOrientation(new Uint8Array(100)), 1);
 * ```
 */
export function exifOrientation(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 16) return 1;
  if (view.getUint16(0) === 0xffd8) return jpegOrientation(view);
  return view.getUint32(0) === 0x89504e47 ? pngOrientation(view) : 1;
}
