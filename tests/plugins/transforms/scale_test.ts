import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { resizeBicubic } from "../../../plugins/images/pillow_bicubic.ts";
import { resizeNearest } from "../../../plugins/images/pillow_nearest.ts";
import { Rng } from "../../../core/rng.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { scale } from "../../../plugins/transforms/scale.ts";
import { accepts, coded, make } from "./samples.ts";

Deno.test("scale multiplies both sides by one factor within min..max", () => {
  const transform = make(scale, { min: 0.5, max: 1.5 });
  const factors = Array.from({ length: 60 }, (_, i) => {
    const { image, mask } = transform.apply(coded(100, 60), Rng.of(1, i));
    assertEquals([mask!.width, mask!.height], [image.width, image.height]);
    assert(Math.abs(image.height - image.width * 0.6) <= 1);
    return image.width / 100;
  });
  assert(Math.min(...factors) >= 0.5 && Math.max(...factors) <= 1.5);
  assert(Math.min(...factors) < 0.6 && Math.max(...factors) > 1.4);
});

Deno.test("scale keeps image and mask aligned, as Pillow resizes them", () => {
  const before = coded(9, 7);
  const after = make(scale, { min: 1.5, max: 1.5 }).apply(before, Rng.of(1));
  assertEquals(after.image, resizeBicubic(before.image, 14, 10)); // 13.5 and 10.5, half to even
  assertEquals(after.mask, resizeNearest(before.mask, 14, 10));
});

Deno.test("scale keeps a pixel and leaves a sample whose size stays", () => {
  const dot = make(scale, { min: 0.1, max: 0.1 }).apply(coded(1, 3), Rng.of(1));
  assertEquals([dot.image.width, dot.image.height], [1, 1]);
  const sample = coded(8, 5);
  assertStrictEquals(make(scale, { min: 1, max: 1 }).apply(sample, Rng.of(1)), sample);
});

Deno.test("scale gives the same pixels for the same stream", () => {
  const transform = make(scale, {});
  assertEquals(
    transform.apply(coded(20, 30), Rng.of(7, 1)),
    transform.apply(coded(20, 30), Rng.of(7, 1)),
  );
});

Deno.test("scale refuses normalised pixels and empty ranges", () => {
  const sample = make(normalize, {}).apply(coded(4, 4), Rng.of(1));
  assertThrows(
    () => make(scale, {}).apply(sample, Rng.of(1)),
    TypeError,
    "list scale before normalize",
  );
  assert(!accepts(scale, { min: 1.6 }));
  assert(!accepts(scale, { min: 0 }));
});
