const ORIENTATION = 0x0112, MAKE = 0x010f, ASCII = 2, SHORT = 3;

/** TIFF data of two tags, the second the orientation. */
export function tiff(orientation: number, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(38));
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, 2, little);
  for (
    const [i, [tag, type, value]] of [[MAKE, ASCII, 0], [ORIENTATION, SHORT, orientation]].entries()
  ) {
    const at = 10 + 12 * i;
    view.setUint16(at, tag!, little);
    view.setUint16(at + 2, type!, little);
    view.setUint32(at + 4, 1, little);
    view.setUint16(at + 8, value!, little);
  }
  return new Uint8Array(view.buffer);
}

/** A JPEG's segment APP1 of EXIF. */
export function exifSegment(data: Uint8Array): Uint8Array {
  const body = Uint8Array.of(...new TextEncoder().encode("Exif\0\0"), ...data);
  const length = body.length + 2;
  return Uint8Array.of(0xff, 0xe1, length >> 8, length & 255, ...body);
}

/** A JPEG with EXIF before all else. */
export function withExif(
  jpeg: Uint8Array,
  orientation: number,
  little = false,
): Uint8Array<ArrayBuffer> {
  const segment = exifSegment(tiff(orientation, little));
  return Uint8Array.of(...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2));
}
