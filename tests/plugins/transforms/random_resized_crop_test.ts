import { assert, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { resizeBicubic } from "../../../plugins/images/pillow_bicubic.ts";
import { resizeNearest } from "../../../plugins/images/pillow_nearest.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { randomResizedCrop } from "../../../plugins/transforms/random_resized_crop.ts";
import { accepts, coded, make } from "./samples.ts";

Deno.test("random-resized-crop takes a part whose area and shape are in their ranges, mask and image alike", () => {
  // So large that nothing is enlarged: pixels tell where they come from.
  const transform = make(randomResizedCrop, { size: 8, area: [0.1, 0.5], shape: [0.5, 2] });
  const corners = Array.from({ length: 80 }, (_, i) => {
    const { image, mask } = transform.apply(coded(200, 160), Rng.of(3, i));
    assertEquals([image.width, image.height, mask!.width, mask!.height], [8, 8, 8, 8]);
    return String(image.data.slice(0, 3));
  });
  assert(new Set(corners).size > 60, "parts differ");
});

Deno.test("random-resized-crop resizes what it cuts as Pillow does", () => {
  const before = coded(12, 9);
  // All of the image is the one part of such an area and shape.
  const whole = make(randomResizedCrop, { size: 6, area: [1, 1], shape: [4 / 3, 4 / 3] });
  const after = whole.apply(before, Rng.of(1));
  assertEquals(after.image, resizeBicubic(before.image, 6, 6));
  assertEquals(after.mask, resizeNearest(before.mask, 6, 6));
});

Deno.test("random-resized-crop takes the middle where no part of the shape fits", () => {
  const before = coded(30, 2);
  const transform = make(randomResizedCrop, { size: 2, area: [1, 1], shape: [1, 1] });
  const { image } = transform.apply(before, Rng.of(1));
  const from = (y: number) => before.image.data.slice((y * 30 + 14) * 3, (y * 30 + 16) * 3);
  assertEquals([...image.data], [...from(0), ...from(1)]);
});

Deno.test("random-resized-crop refuses normalised pixels and bad ranges", () => {
  const sample = make(normalize, {}).apply(coded(4, 4), Rng.of(1));
  assertThrows(
    () => make(randomResizedCrop, {}).apply(sample, Rng.of(1)),
    TypeError,
    "list random-resized-crop before normalize",
  );
  assert(accepts(randomResizedCrop, { area: [0.4, 1] }));
  assert(!accepts(randomResizedCrop, { area: [0.5, 0.4] }));
  assert(!accepts(randomResizedCrop, { area: [0.5, 1.5] }));
  assert(!accepts(randomResizedCrop, { shape: [0, 1] }));
});
