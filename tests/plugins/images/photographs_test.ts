import { assert, assertEquals, assertRejects } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { imageSize } from "../../../plugins/images/image_size.ts";
import { decodeImage } from "../../../plugins/datasets/voc/image.ts";
import { readIndices } from "../../../plugins/datasets/voc/mask.ts";
import { EXPECTED, patched, photograph, segment, sha256 } from "./photographs.ts";

for (const [name, { width, height, rgb, indices }] of Object.entries(EXPECTED)) {
  Deno.test(`decodeImage() gives the pixels of Pillow's convert("RGB"): ${name}`, async () => {
    const file = await photograph(name);
    assertEquals(imageSize(file), { width, height });
    const image = await decodeImage(file, name);
    assertEquals([image.width, image.height, image.channels], [width, height, 3]);
    assertEquals(await sha256(image.data), rgb);
  });

  if (indices === undefined) continue;
  Deno.test(`readIndices() gives the values that Pillow has: ${name}`, async () => {
    const mask = readIndices(await photograph(name), name);
    assertEquals([mask.width, mask.height, mask.channels], [width, height, 1]);
    assertEquals(await sha256(mask.data), indices);
  });
}

/** Files that libjpeg remarks on, though their pixels are whole. */
const REMARKED = [
  "stray_before_tables.jpg",
  "stray_before_frame.jpg",
  "stray_before_scan.jpg",
  "stray_between_scans.jpg",
  "stray_before_restart.jpg",
  "unknown_jfif_version.jpg",
  "spectral_selection_of_baseline.jpg",
  "adobe_unknown_transform.jpg",
];

for (const name of REMARKED) {
  Deno.test(`damage after stray bytes is still found: ${name}`, async () => {
    const file = await photograph(name);
    const message = /remature end|instead of RST/;
    for (const lost of [20, 60]) {
      const whole = file.subarray(0, file.length - lost);
      for (const bytes of [whole, Uint8Array.from([...whole, 0xff, 0xd9])]) {
        const error = await assertRejects(() => decodeImage(bytes, name), SyntaxError);
        assert(isUserError(error) && message.test(error.message), error.message);
      }
    }
    await decodeImage(file, name);
  });
}

Deno.test("an image is read by its content, whatever it is called", async () => {
  const { rgb } = EXPECTED["trailing.jpg"]!;
  const image = await decodeImage(await photograph("trailing.jpg"), "photo.png");
  assertEquals(await sha256(image.data), rgb);
});

/** Refuses a file by name; the message must say why. */
async function refuses(file: Uint8Array, reason: string): Promise<void> {
  const error = await assertRejects(() => decodeImage(file, "photo.jpg"), RangeError, reason);
  assert(isUserError(error) && error.message.includes("photo.jpg"), error.message);
}

Deno.test("kinds of image that no decoder here reads are refused by name", async () => {
  const jpeg = await photograph("trailing.jpg"), frame = segment(jpeg, 0xc0);
  await refuses(await photograph("cmyk.jpg"), "found four components (CMYK), expected RGB or grey");
  await refuses(await photograph("ycck.jpg"), "found four components (CMYK), expected RGB or grey");
  await refuses(await photograph("grey16.png"), "found grey of 16 bits");
  await refuses(patched(jpeg, frame + 1, [0xc9]), "found arithmetic coding");
  await refuses(patched(jpeg, frame + 1, [0xca]), "found arithmetic coding");
  await refuses(patched(jpeg, frame + 1, [0xc3]), "found lossless or hierarchical coding");
  await refuses(patched(jpeg, frame + 1, [0xc5]), "found lossless or hierarchical coding");
  await refuses(patched(jpeg, frame + 4, [12]), "found 12 bits a sample");
  await refuses(patched(jpeg, frame + 9, [2]), "found 2 components");
  await refuses(new TextEncoder().encode("RIFF....WEBPVP8 "), "its content is WebP, expected JPEG");
  await refuses(new TextEncoder().encode("\0\0\0\x1cftypheic"), "its content is HEIC or AVIF");
  await refuses(new TextEncoder().encode("GIF89a"), "its content is GIF");
  await refuses(new TextEncoder().encode("BM1234"), "its content is BMP");
  await refuses(Uint8Array.of(0x49, 0x49, 0x2a, 0, 8), "its content is TIFF");
});
