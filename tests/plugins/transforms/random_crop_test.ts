import { assert, assertEquals, assertThrows } from "@std/assert";
import { isMistake } from "../../../core/errors.ts";
import { Rng } from "../../../core/rng.ts";
import type { Sample } from "../../../core/sample.ts";
import { randomCrop } from "../../../plugins/transforms/random_crop.ts";
import { accepts, coded, make } from "./samples.ts";

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

Deno.test("random-crop says where it belongs when pixels are not normalised", () => {
  const error = assertThrows(
    () => make(randomCrop, { size: 4 }).apply(coded(4, 4), Rng.of(1)),
    TypeError,
    "list normalize before random-crop",
  );
  assert(isMistake(error));
  assert(!accepts(randomCrop, { size: 0 }));
});
