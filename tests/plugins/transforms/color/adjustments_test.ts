import { assert, assertEquals } from "@std/assert";
import { readSafetensors } from "../../../../plugins/formats/safetensors.ts";
import { adjustBrightness } from "../../../../plugins/transforms/color/brightness.ts";
import { adjustContrast } from "../../../../plugins/transforms/color/contrast.ts";
import { adjustHue } from "../../../../plugins/transforms/color/hue.ts";
import { adjustSaturation } from "../../../../plugins/transforms/color/saturation.ts";
import { noisy } from "../samples.ts";

const fixture = `${import.meta.dirname}/../../../fixtures/color_jitter.safetensors`;

/** Pixels, three bytes each. */
const bytes = (text: string) => text.split(/,? /).map(Number);

Deno.test("colour adjustments equal Pillow and torchvision on every value of the fixture", async () => {
  const { tensors } = await readSafetensors(fixture);
  const photo = tensors.get("photo")!.data as Uint8Array;
  const adjust: Record<string, (pixels: Uint8Array, factor: number) => Uint8Array> = {
    brightness: adjustBrightness,
    contrast: adjustContrast,
    saturation: adjustSaturation,
    hue: adjustHue,
  };
  let checked = 0;
  for (const [name, { data }] of tensors) {
    const [kind, factor] = name.split("_");
    if (factor === undefined) continue;
    assertEquals(adjust[kind!]!(photo, Number(factor)), data as Uint8Array, name);
    checked++;
  }
  assert(checked >= 5);
});

Deno.test("colour adjustments equal Pillow beyond the fixture's factors and on odd pixels", () => {
  // ImageEnhance of Pillow 9.4 and torchvision's hue on the same pixels.
  const pixels = new Uint8Array(
    bytes(
      "255 0 0, 0 0 0, 255 255 255, 1 2 3, 254 255 253, 12 200 99, 77 77 78, 200 10 250, 128 64 64, 31 0 90, 255 255 0",
    ),
  );
  assertEquals(
    [...adjustBrightness(pixels, 1.7)],
    bytes(
      "255 0 0, 0 0 0, 255 255 255, 1 3 5, 255 255 255, 20 255 168, 130 130 132, 255 17 255, 217 108 108, 52 0 153, 255 255 0",
    ),
  );
  assertEquals(
    [...adjustContrast(pixels, 2.3)],
    bytes(
      "255 0 0, 0 0 0, 255 255 255, 0 0 0, 255 255 255, 0 255 83, 32 32 35, 255 0 255, 150 2 2, 0 0 62, 255 255 0",
    ),
  );
  assertEquals(
    [...adjustSaturation(pixels, 1.9)],
    bytes(
      "255 0 0, 0 0 0, 255 255 255, 0 2 3, 254 255 252, 0 255 69, 77 77 78, 255 0 255, 168 46 46, 40 0 153, 255 255 0",
    ),
  );
  assertEquals(
    [...adjustHue(pixels, 0.5)],
    bytes(
      "0 255 252, 0 0 0, 255 255 255, 3 2 1, 254 253 255, 200 13 118, 78 78 77, 73 250 11, 64 128 127, 64 90 0, 0 6 255",
    ),
  );
  assertEquals(
    [...adjustHue(pixels, -0.31)],
    bytes(
      "42 0 255, 0 0 0, 255 255 255, 2 3 1, 255 253 254, 200 123 13, 77 78 77, 11 250 230, 75 64 128, 0 90 42, 255 0 216",
    ),
  );
});

Deno.test("colour adjustments at factor 1 change nothing, at 0 leave black or grey", () => {
  const pixels = noisy(9, 5).image.data as Uint8Array;
  for (const adjust of [adjustBrightness, adjustContrast, adjustSaturation]) {
    assertEquals(adjust(pixels, 1), pixels);
  }
  assert(adjustBrightness(pixels, 0).every((value) => value === 0));
  assertEquals(new Set(adjustContrast(pixels, 0)).size, 1);
  const grey = adjustSaturation(pixels, 0);
  assert(grey.every((value, i) => value === grey[i - i % 3]));
});
