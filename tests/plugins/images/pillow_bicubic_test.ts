import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { resizeBicubic } from "../../../plugins/images/pillow_bicubic.ts";
import { readSafetensors } from "../../../plugins/formats/safetensors.ts";
import type { Raster } from "../../../core/data/sample.ts";

const fixture = `${import.meta.dirname}/../../fixtures/pil_bicubic.safetensors`;

/** One row of one channel. */
const row = (...values: number[]): Raster => ({
  width: values.length,
  height: 1,
  channels: 1,
  data: new Uint8Array(values),
});

Deno.test("resizeBicubic() equals Pillow on every value of the fixture", async () => {
  const { tensors } = await readSafetensors(fixture);
  const raster = (name: string): Raster => {
    const { shape: [height, width, channels], data } = tensors.get(name)!;
    return { height: height!, width: width!, channels: channels!, data: data as Uint8Array };
  };
  const photo = raster("photo");
  const names = [...tensors.keys()].filter((name) => name.startsWith("bicubic."));
  assert(names.length >= 5);
  for (const name of names) {
    const expected = raster(name);
    assertEquals(resizeBicubic(photo, expected.width, expected.height), expected, name);
  }
});

Deno.test("resizeBicubic() equals Pillow where the filter overshoots and at ends", () => {
  // Image.fromarray(...).resize(size, Image.BICUBIC) of Pillow 9.4.
  const edge = row(0, 0, 0, 255, 255, 0, 9);
  assertEquals([...resizeBicubic(edge, 10, 1).data], [0, 0, 0, 0, 174, 255, 248, 51, 0, 10]);
  assertEquals([...resizeBicubic(edge, 3, 1).data], [0, 177, 58]);
  const column = { ...edge, width: 1, height: 7 };
  assertEquals([...resizeBicubic(column, 1, 10).data], [0, 0, 0, 0, 174, 255, 248, 51, 0, 10]);
  assertEquals([...resizeBicubic(column, 1, 3).data], [0, 177, 58]);
});

Deno.test("resizeBicubic() spreads a single pixel and shrinks to one", () => {
  assertEquals([...resizeBicubic(row(77), 3, 2).data], Array(6).fill(77));
  const colour = { width: 1, height: 1, channels: 3, data: new Uint8Array([1, 128, 255]) };
  assertEquals([...resizeBicubic(colour, 2, 1).data], [1, 128, 255, 1, 128, 255]);
  const flat = { width: 37, height: 5, channels: 3, data: new Uint8Array(37 * 5 * 3).fill(200) };
  assertEquals([...resizeBicubic(flat, 1, 1).data], [200, 200, 200]);
});

Deno.test("resizeBicubic() treats channels alike whatever their number", () => {
  const width = 13, height = 9;
  const grey = Uint8Array.from({ length: width * height }, (_, i) => (i * 89) % 256);
  const alone = resizeBicubic({ width, height, channels: 1, data: grey }, 20, 6).data;
  for (const channels of [2, 3, 4]) {
    const data = Uint8Array.from(
      { length: grey.length * channels },
      (_, i) => grey[Math.floor(i / channels)]!,
    );
    const many = resizeBicubic({ width, height, channels, data }, 20, 6).data;
    for (let c = 0; c < channels; c++) {
      assertEquals(many.filter((_, i) => i % channels === c), alone);
    }
  }
});

Deno.test("resizeBicubic() copies where the size stays", () => {
  const image = row(1, 2, 3);
  const same = resizeBicubic(image, 3, 1);
  assertEquals(same, image);
  same.data[0] = 9;
  assertNotEquals(same.data[0], image.data[0]);
});

Deno.test("resizeBicubic() refuses sizes and pixels that make no sense", () => {
  assertThrows(() => resizeBicubic(row(1), 0, 1), RangeError, "Cannot resize to 0x1");
  assertThrows(() => resizeBicubic(row(1), 1, 1.5), RangeError, "1x1.5");
  const float = { width: 1, height: 1, channels: 1, data: new Float32Array(1) };
  assertThrows(() => resizeBicubic(float, 2, 2), TypeError, "must be uint8");
});
