import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { resizeLong } from "../../../plugins/transforms/resize_long.ts";
import { accepts, coded, make } from "./samples.ts";

Deno.test("resize-long reduces image and mask to the long side", () => {
  const after = make(resizeLong, { longSide: 12 }).apply(coded(31, 17), Rng.of(1));
  assertEquals([after.image.width, after.image.height], [12, 7]);
  assertEquals([after.mask!.width, after.mask!.height], [12, 7]);
});

Deno.test("resize-long leaves images that are small enough", () => {
  const small = coded(12, 5);
  assertStrictEquals(make(resizeLong, { longSide: 12 }).apply(small, Rng.of(1)), small);
});

Deno.test("resize-long draws nothing", () => {
  const used = Rng.of(1), fresh = Rng.of(1);
  make(resizeLong, { longSide: 3 }).apply(coded(31, 17), used);
  assertEquals(used.uint32(), fresh.uint32());
});

Deno.test("resize-long wants a positive integer", () => {
  assert(!accepts(resizeLong, {}));
  assert(!accepts(resizeLong, { longSide: 0 }));
  assert(!accepts(resizeLong, { longSide: 4.5 }));
});
