import { assertEquals } from "@std/assert";
import { imageSize } from "../../../plugins/images/image_size.ts";
import { encodeRgbPng } from "../../../plugins/images/png.ts";
import { encodeJpeg, testImage } from "./encode_jpeg.ts";

Deno.test("imageSize() reads what JPEG and PNG headers state, odd sizes too", async () => {
  for (const [width, height] of [[1, 1], [24, 16], [7, 300], [500, 375]] as const) {
    const image = testImage(width, height, 3);
    assertEquals(imageSize(await encodeJpeg(image)), { width, height });
    assertEquals(imageSize(encodeRgbPng(image)), { width, height });
  }
});

Deno.test("imageSize() skips metadata segments and filling bytes before the frame", async () => {
  const jpeg = await encodeJpeg(testImage(24, 16, 3));
  const comment = [0xff, 0xff, 0xfe, 0, 6, 0xff, 0xc0, 1, 2];
  const padded = new Uint8Array([...jpeg.subarray(0, 2), ...comment, ...jpeg.subarray(2)]);
  assertEquals(imageSize(padded), { width: 24, height: 16 });
});

Deno.test("imageSize() passes over stray bytes and markers that stand alone, as libjpeg does", async () => {
  const jpeg = await encodeJpeg(testImage(24, 16, 3));
  // Data's FF 00, a restart marker and TEM, none of which has a length.
  for (const stray of [[1, 2, 3], [0xff, 0, 7], [0xff, 0xd3], [0xff, 0x01], [0xff, 0xff]]) {
    const padded = new Uint8Array([...jpeg.subarray(0, 2), ...stray, ...jpeg.subarray(2)]);
    assertEquals(imageSize(padded), { width: 24, height: 16 });
  }
});

Deno.test("imageSize() knows nothing of other bytes, cut files and empty ones", async () => {
  const jpeg = await encodeJpeg(testImage(24, 16, 3));
  for (
    const bytes of [
      new Uint8Array(0),
      new TextEncoder().encode("GIF89a, say, and more text"),
      jpeg.subarray(0, 30),
    ]
  ) {
    assertEquals(imageSize(bytes), undefined);
  }
});
