import { assertEquals } from "@std/assert";
import { exifOrientation } from "../../../plugins/images/exif_orientation.ts";
import { encodeRgbPng } from "../../../plugins/images/png.ts";
import { encodeJpeg, testImage } from "./encode_jpeg.ts";
import { exifSegment, tiff, withExif } from "./exif_files.ts";

Deno.test("exifOrientation() reads the tag in either byte order, behind other segments and tags", async () => {
  const jpeg = await encodeJpeg(testImage(24, 16));
  assertEquals(exifOrientation(jpeg), 1);
  for (let orientation = 1; orientation <= 8; orientation++) {
    assertEquals(exifOrientation(withExif(jpeg, orientation)), orientation);
    assertEquals(exifOrientation(withExif(jpeg, orientation, true)), orientation);
  }
  // XMP is a segment APP1, too.
  const xmp = Uint8Array.of(0xff, 0xe1, 0, 9, ...new TextEncoder().encode("http://"));
  const behind = Uint8Array.of(
    0xff,
    0xd8,
    ...xmp,
    ...exifSegment(tiff(8, false)),
    ...jpeg.subarray(2),
  );
  assertEquals(exifOrientation(behind), 8);
});

Deno.test("exifOrientation() reads a PNG's chunk eXIf", () => {
  const png = encodeRgbPng({ width: 3, height: 2, channels: 3, data: new Uint8Array(18) });
  assertEquals(exifOrientation(png), 1);
  const data = tiff(6, true);
  const chunk = [0, 0, 0, data.length, ...new TextEncoder().encode("eXIf"), ...data, 0, 0, 0, 0];
  // Behind the signature and IHDR, 33 bytes.
  assertEquals(
    exifOrientation(Uint8Array.of(...png.subarray(0, 33), ...chunk, ...png.subarray(33))),
    6,
  );
});

Deno.test("exifOrientation() takes damaged EXIF for none, wherever it is cut or changed", async () => {
  const turned = withExif(await encodeJpeg(testImage(8, 8)), 6);
  for (let length = 0; length < turned.length; length++) {
    const found = exifOrientation(turned.subarray(0, length));
    assertEquals(found === 1 || found === 6, true);
  }
  for (let at = 0; at < 60; at++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = turned.slice();
      changed[at] = value;
      const found = exifOrientation(changed);
      assertEquals(Number.isInteger(found) && found >= 1 && found <= 8, true);
    }
  }
  assertEquals(exifOrientation(withExif(turned, 9)), 1);
});
