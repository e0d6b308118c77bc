import { assert, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { resizeBicubic } from "../../../plugins/images/pillow_bicubic.ts";
import { resizeNearest } from "../../../plugins/images/pillow_nearest.ts";
import { Rng } from "../../../core/rng.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { randomResizeLong } from "../../../plugins/transforms/random_resize_long.ts";
import { sizeOfLongSide } from "../../../plugins/images/resize_sample.ts";
import { accepts, coded, make } from "./samples.ts";

Deno.test("random-resize-long draws every long side from min to max, both reached", () => {
  const transform = make(randomResizeLong, { min: 5, max: 9 });
  for (const [width, height] of [[12, 7], [7, 12], [8, 8]] as const) {
    const seen = new Set<number>();
    for (let i = 0; i < 80; i++) {
      const { image } = transform.apply(coded(width, height), Rng.of(3, i));
      const long = Math.max(image.width, image.height);
      assertEquals([image.width, image.height], sizeOfLongSide(width, height, long));
      assertEquals(image.data.length, image.width * image.height * 3);
      seen.add(long);
    }
    assertEquals([...seen].sort(), [5, 6, 7, 8, 9]);
  }
});

Deno.test("random-resize-long resizes the image as Pillow's bicubic and the mask as its nearest", () => {
  const before = coded(31, 18);
  const after = make(randomResizeLong, { min: 47, max: 47 }).apply(before, Rng.of(1));
  assertEquals(after.image, resizeBicubic(before.image, 47, 27));
  assertEquals(after.mask, resizeNearest(before.mask, 47, 27));
  assertEquals([after.name, after.label], [before.name, before.label]);
});

Deno.test("random-resize-long gives the same pixels for the same stream", () => {
  const transform = make(randomResizeLong, { min: 10, max: 400 });
  const once = transform.apply(coded(20, 30), Rng.of(1, "augment", 4));
  assertEquals(transform.apply(coded(20, 30), Rng.of(1, "augment", 4)), once);
  assert(
    transform.apply(coded(20, 30), Rng.of(1, "augment", 5)).image.height !== once.image.height,
  );
});

Deno.test("random-resize-long rounds the short side half to even and never to 0", () => {
  // int(round(w * long / h)) in Python.
  assertEquals(sizeOfLongSide(500, 375, 450), [450, 338]); // 337.5
  assertEquals(sizeOfLongSide(500, 375, 454), [454, 340]); // 340.5
  assertEquals(sizeOfLongSide(375, 500, 454), [340, 454]);
  assertEquals(sizeOfLongSide(1, 1, 448), [448, 448]);
  assertEquals(sizeOfLongSide(400, 1, 10), [10, 1]);
  const thin = make(randomResizeLong, { min: 3, max: 3 }).apply(coded(1, 40), Rng.of(1));
  assertEquals([thin.image.width, thin.image.height, thin.mask!.data.length], [1, 3, 3]);
});

Deno.test("random-resize-long works on a sample without a mask", () => {
  const { mask: _, ...bare } = coded(6, 6);
  const after = make(randomResizeLong, { min: 3, max: 3 }).apply(bare, Rng.of(1));
  assert(!("mask" in after));
});

Deno.test("random-resize-long says where it belongs when pixels are normalised", () => {
  const sample = make(normalize, {}).apply(coded(4, 4), Rng.of(1));
  const error = assertThrows(
    () => make(randomResizeLong, {}).apply(sample, Rng.of(1)),
    TypeError,
    "list random-resize-long before normalize",
  );
  assert(isUserError(error));
});

Deno.test("random-resize-long refuses ranges that hold nothing", () => {
  assert(accepts(randomResizeLong, { min: 448, max: 448 }));
  assert(!accepts(randomResizeLong, { min: 449, max: 448 }));
  assert(!accepts(randomResizeLong, { min: 0 }));
  assert(!accepts(randomResizeLong, { max: 500.5 }));
  const { error } = randomResizeLong.options.safeParse({ min: 800 });
  assertEquals(error?.issues.map(({ path, message }) => [path, message]), [
    [["min"], "min must be <= max"],
  ]);
});
