import type { ImageSize } from "./image_size.ts";

/** What a JPEG's frame header states. */
export interface JpegFrame extends ImageSize {
  /** Start-of-frame marker, 0xc0 to 0xcf: how the image is coded. */
  readonly marker: number;
  /** Bits a sample. */
  readonly precision: number;
  /** 1 for grey, 3 for colour, 4 for CMYK. */
  readonly components: number;
}

/** JPEG's start-of-frame markers: all of C0 to CF but the tables C4, C8 and CC. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

const START_OF_SCAN = 0xda, END_OF_IMAGE = 0xd9;

/** Restart markers and TEM stand alone; every other segment says its length. */
const standsAlone = (marker: number) => (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;

/**
 * Finds a JPEG's frame header as libjpeg does (`jdmarker.c`, `next_marker`): bytes before a marker that belong to no segment are
 * passed over, so that what is checked here is what is decoded there.
 *
 * @param bytes the file, or enough of its beginning
 * @returns the first frame header; `undefined` where there is none before the first scan, or the bytes are no JPEG
 */
export function jpegFrame(bytes: Uint8Array): JpegFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 2 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2;;) {
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined || marker === START_OF_SCAN || marker === END_OF_IMAGE) {
      return undefined;
    }
    // FF 00 is a byte of data, not a marker.
    if (marker === 0 || standsAlone(marker)) continue;
    if (at + 2 > bytes.length) return undefined;
    if (isFrame(marker)) {
      if (at + 8 > bytes.length) return undefined;
      return {
        marker,
        precision: view.getUint8(at + 2),
        height: view.getUint16(at + 3),
        width: view.getUint16(at + 5),
        components: view.getUint8(at + 7),
      };
    }
    const length = view.getUint16(at);
    if (length < 2) return undefined;
    at += length;
  }
}
