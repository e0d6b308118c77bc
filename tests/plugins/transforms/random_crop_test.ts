import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { Rng } from "../../../core/rng.ts";
import type { Sample } from "../../../core/data/sample.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { randomCrop } from "../../../plugins/transforms/random_crop.ts";
import { accepts, coded, make, noisy } from "./samples.ts";

/** A sample whose floats tell where they come from; 0 only in a container. */
function placed(width: number, height: number): Sample {
  const sample = coded(width, height);
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => i + 1);
  return { ...sample, image: { ...sample.image, data } };
}

/** Column and row that pixel (0, 0) of the crop has in the image; negative where the image begins inside the crop. */
function origin({ image }: Sample, width: number): [number, number] {
  const first = image.data.findIndex((value) => value > 0);
  const from = (image.data[first]! - 1) / 3, to = first / 3;
  return [
    from % width - to % image.width,
    Math.floor(from / width) - Math.floor(to / image.width),
  ];
}

Deno.test("random-crop takes every place of a larger image", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 300; i++) {
    const after = make(randomCrop, { size: 4 }).apply(placed(7, 5), Rng.of(1, i));
    seen.add(origin(after, 7).join());
  }
  const places = [0, 1, 2, 3].flatMap((x) => [0, 1].map((y) => `${x},${y}`));
  assertEquals([...seen].sort(), places.sort());
});

Deno.test("random-crop puts a smaller image at every place of the container", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 300; i++) {
    const after = make(randomCrop, { size: 5 }).apply(placed(3, 4), Rng.of(1, i));
    assertEquals(after.image.data.filter((value) => value > 0).length, 3 * 4 * 3);
    seen.add(origin(after, 3).join());
  }
  assertEquals(seen.size, 6);
});

Deno.test("random-crop cuts image and mask at the same place, whatever side is longer", () => {
  for (const [width, height] of [[9, 9], [3, 9], [9, 3], [5, 5], [1, 1]] as const) {
    for (let i = 0; i < 10; i++) {
      const before = placed(width, height);
      const { image, mask } = make(randomCrop, { size: 5 }).apply(before, Rng.of(2, i));
      assertEquals([image.width, image.height, mask!.width, mask!.height], [5, 5, 5, 5]);
      for (let p = 0; p < 25; p++) {
        const from = (image.data[p * 3]! - 1) / 3;
        assertEquals(mask!.data[p], from < 0 ? 255 : before.mask!.data[from]);
        assertEquals(image.data[p * 3 + 2], from < 0 ? 0 : from * 3 + 3);
      }
    }
  }
});

Deno.test("random-crop keeps an image of the crop's size and needs no mask", () => {
  const { mask: _, ...bare } = placed(6, 6);
  assertEquals(make(randomCrop, { size: 6 }).apply(bare, Rng.of(1)), bare);
});

Deno.test("random-crop gives the same pixels for the same stream", () => {
  const transform = make(randomCrop, { size: 4 });
  const draws = [1, 2, 3, 4, 5, 6].map((i) => transform.apply(placed(30, 30), Rng.of(9, i)));
  assertEquals(transform.apply(placed(30, 30), Rng.of(9, 1)), draws[0]);
  assert(new Set(draws.map((draw) => origin(draw, 30).join())).size > 1);
});

Deno.test("random-crop with fill black cuts pixels before they are normalised: the container is black, not the mean", () => {
  const white = coded(3, 2);
  white.image.data.fill(255);
  const crop = make(randomCrop, { size: 5, fill: "black" });
  const places = new Set<number>();
  for (let i = 0; i < 60; i++) {
    const cropped = crop.apply(white, Rng.of(4, i));
    assertEquals(cropped.image.data.filter((value) => value === 255).length, 3 * 2 * 3);
    places.add(cropped.image.data.indexOf(255) / 3);
    const { image, mask } = make(normalize, {}).apply(cropped, Rng.of(4, i));
    for (let pixel = 0; pixel < 25; pixel++) {
      const outside = cropped.image.data[pixel * 3] === 0;
      // As SEAM's train_aff.py has it: (0 - mean) / std outside, (1 - mean) / std of white.
      const wanted = outside ? [-2.118, -2.036, -1.804] : [2.249, 2.429, 2.640];
      wanted.forEach((value, c) => assertAlmostEquals(image.data[pixel * 3 + c]!, value, 6e-4));
      assertEquals(mask!.data[pixel] === 255, outside);
    }
  }
  assertEquals(places.size, 12);
});

Deno.test("random-crop cuts the same place of pixels and of normalised ones", () => {
  const before = noisy(9, 4);
  const early = make(randomCrop, { size: 6, fill: "black" }), late = make(randomCrop, { size: 6 });
  const normalized = make(normalize, {}).apply(before, Rng.of(0));
  for (let i = 0; i < 20; i++) {
    const a = make(normalize, {}).apply(early.apply(before, Rng.of(5, i)), Rng.of(0));
    const b = late.apply(normalized, Rng.of(5, i));
    assertEquals(a.mask, b.mask);
    a.mask!.data.forEach((label, pixel) => {
      const colours = [a, b].map(({ image }) => [...image.data.slice(pixel * 3, pixel * 3 + 3)]);
      if (label !== 255) assertEquals(colours[0], colours[1]);
      else assertEquals(colours[1], [0, 0, 0]);
    });
  }
});

Deno.test("random-crop says where it belongs when its fill would be another colour", () => {
  const early = assertThrows(
    () => make(randomCrop, { size: 4 }).apply(coded(4, 4), Rng.of(1)),
    TypeError,
    "list normalize before random-crop, or give it fill: black",
  );
  assert(isUserError(early));
  const late = assertThrows(
    () => make(randomCrop, { size: 4, fill: "black" }).apply(placed(4, 4), Rng.of(1)),
    TypeError,
    "list random-crop before normalize, or give it fill: mean",
  );
  assert(isUserError(late));
  assert(!accepts(randomCrop, { size: 0 }));
  assert(!accepts(randomCrop, { fill: "white" }));
});
