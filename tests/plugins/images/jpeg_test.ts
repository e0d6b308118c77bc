import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { decodeJpeg } from "../../../plugins/images/jpeg.ts";
import { encodeJpeg, testImage } from "./encode_jpeg.ts";
import { CMYK_JPEG, PILLOW_JPEGS } from "./pillow_jpegs.ts";

async function sha256(data: Uint8Array | Float32Array): Promise<string> {
  const bytes = new Uint8Array(data);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

for (const { name, width, height, sha256: expected, base64 } of PILLOW_JPEGS) {
  Deno.test(`decodeJpeg() gives the pixels that Pillow gives: ${name}`, async () => {
    const image = await decodeJpeg(Uint8Array.fromBase64(base64), name);
    assertEquals([image.width, image.height, image.channels], [width, height, 3]);
    assertEquals(await sha256(image.data), expected);
  });
}

Deno.test("decodeJpeg() reads a view into a larger buffer", async () => {
  const { base64, sha256: expected } = PILLOW_JPEGS[0]!;
  const file = Uint8Array.fromBase64(base64);
  const larger = new Uint8Array(file.length + 30);
  larger.set(file, 11);
  const image = await decodeJpeg(larger.subarray(11, 11 + file.length), "view.jpg");
  assertEquals(await sha256(image.data), expected);
});

Deno.test("decodeJpeg() rejects a file cut short anywhere, and reads the next one", async () => {
  const original = testImage(64, 48);
  const whole = await encodeJpeg(original);
  for (const base64 of [whole.toBase64(), ...PILLOW_JPEGS.map((jpeg) => jpeg.base64)]) {
    const bytes = Uint8Array.fromBase64(base64);
    const cuts = [0, 1, 2, 3, 20, 200, bytes.length >> 1, bytes.length - 2, bytes.length - 1];
    for (const cut of cuts) {
      const error = await assertRejects(
        () => decodeJpeg(bytes.subarray(0, cut), "JPEGImages/cut.jpg"),
        SyntaxError,
        "Cannot decode JPEGImages/cut.jpg as JPEG",
      );
      assert(isUserError(error));
    }
  }
  const image = await decodeJpeg(whole, "whole.jpg");
  let total = 0;
  for (let i = 0; i < image.data.length; i++) total += Math.abs(image.data[i]! - original.data[i]!);
  assertLess(total / image.data.length, 3);
});

Deno.test("decodeJpeg() says what libjpeg found in a file that is no JPEG, damaged or CMYK", async () => {
  const text = new TextEncoder().encode("<html>404</html>");
  const error = await assertRejects(() => decodeJpeg(text, "a.jpg"), SyntaxError, "a.jpg");
  assertStringIncludes(error.message, "Not a JPEG file: starts with 0x3c 0x68");

  const baseline = Uint8Array.fromBase64(PILLOW_JPEGS[0]!.base64);
  const ended = baseline.slice();
  ended.set([0xff, 0xd9], baseline.length - 200);
  const early = await assertRejects(() => decodeJpeg(ended, "b.jpg"), SyntaxError, "b.jpg");
  assertStringIncludes(early.message, "premature end of data segment");

  const sparse = baseline.slice().fill(0, baseline.length - 200);
  await assertRejects(() => decodeJpeg(sparse, "c.jpg"), SyntaxError, "Premature end of JPEG file");

  const cmyk = await assertRejects(
    () => decodeJpeg(Uint8Array.fromBase64(CMYK_JPEG), "d.jpg"),
    RangeError,
    "Cannot use JPEG d.jpg: found four components (CMYK), expected RGB or grey",
  );
  assert(isUserError(cmyk));
});
