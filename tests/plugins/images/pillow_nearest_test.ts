import { assertEquals, assertThrows } from "@std/assert";
import { resizeNearest } from "../../../plugins/images/pillow_nearest.ts";

const row = (...values: number[]) => ({
  width: values.length,
  height: 1,
  channels: 1,
  data: new Uint8Array(values),
});

Deno.test("resizeNearest() equals Pillow up, down and at ends", () => {
  // np.asarray(Image.fromarray(np.arange(n, dtype=np.uint8)[None]).resize((m, 1), Image.NEAREST)) of Pillow 9.4.
  assertEquals([...resizeNearest(row(0, 1, 2, 3, 4, 5, 6), 3, 1).data], [1, 3, 5]);
  assertEquals([...resizeNearest(row(0, 1, 2, 3, 4), 13, 1).data], [
    0,
    0,
    0,
    1,
    1,
    2,
    2,
    2,
    3,
    3,
    4,
    4,
    4,
  ]);
  assertEquals([...resizeNearest(row(0, 1, 2, 3, 4, 5), 4, 1).data], [0, 2, 3, 5]);
});

Deno.test("resizeNearest() never mixes classes and keeps rows and columns apart", () => {
  const mask = { width: 2, height: 2, channels: 1, data: new Uint8Array([0, 255, 20, 7]) };
  assertEquals(
    [...resizeNearest(mask, 4, 3).data],
    [0, 0, 255, 255, 20, 20, 7, 7, 20, 20, 7, 7],
  );
  assertEquals(resizeNearest(mask, 2, 2), mask);
});

Deno.test("resizeNearest() keeps the channels of a pixel together", () => {
  const image = { width: 2, height: 1, channels: 3, data: new Uint8Array([1, 2, 3, 4, 5, 6]) };
  assertEquals([...resizeNearest(image, 1, 1).data], [4, 5, 6]);
});

Deno.test("resizeNearest() refuses sizes that make no sense", () => {
  assertThrows(() => resizeNearest(row(1), 1, 0), RangeError, "Cannot resize to 1x0");
});

Deno.test("resizeNearest() keeps floats as they are, in the places of bytes", () => {
  const { width, height, channels, data } = row(7);
  const float = { width, height, channels, data: Float32Array.from(data, (value) => value + 0.5) };
  const bytes = resizeNearest(row(7), 11, 3).data;
  assertEquals(
    resizeNearest(float, 11, 3).data,
    Float32Array.from(bytes, (value) => value + 0.5),
  );
});
