import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import type { Sample } from "../../../core/data/sample.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { randomErasing } from "../../../plugins/transforms/random_erasing.ts";
import { accepts, coded, make } from "./samples.ts";

const WIDTH = 40, HEIGHT = 30;

/** Normalised, with a map beside its mask. */
const sample: Sample = (() => {
  const { mask, ...rest } = make(normalize, {}).apply(coded(WIDTH, HEIGHT), Rng.of(1));
  const map = { ...mask!, data: Float32Array.from(mask!.data, (x) => x + 10) };
  return { ...rest, mask: mask!, maps: { map } };
})();

/** Pixels that changed, as a rectangle; fails where they are none. */
function erased(after: Sample) {
  const places = Array.from({ length: WIDTH * HEIGHT }, (_, i) => i).filter((i) =>
    [0, 1, 2].some((c) => after.image.data[3 * i + c] !== sample.image.data[3 * i + c])
  );
  const rows = places.map((i) => Math.floor(i / WIDTH)), columns = places.map((i) => i % WIDTH);
  const span = (of: number[]) => Math.max(...of) - Math.min(...of) + 1;
  const part = { width: span(columns), height: span(rows) };
  assertEquals(places.length, part.width * part.height, "no rectangle");
  return { ...part, places };
}

const many = (options: Parameters<typeof make<typeof randomErasing.options>>[1], count = 300) =>
  Array.from({ length: count }, (_, i) => {
    const after = make(randomErasing, options).apply(sample, Rng.of(7, i));
    assertEquals(make(randomErasing, options).apply(sample, Rng.of(7, i)), after);
    return after;
  }).filter((after) => after !== sample);

Deno.test("random-erasing erases rectangles of the given areas and shapes, anywhere", () => {
  const before = structuredClone(sample);
  const all = many({ probability: 1 }).map(erased);
  assert(all.length > 280, `${all.length}`);
  for (const { width, height } of all) {
    const part = width * height / WIDTH / HEIGHT;
    // Sides are rounded.
    assert(part > 0.012 && part < 0.36, `${part}`);
    assert((height + 0.5) / (width - 0.5) >= 0.3 && (height - 0.5) / (width + 0.5) <= 1 / 0.3);
  }
  const touched = new Set(all.flatMap(({ places }) => places));
  // A corner has one rectangle of many.
  assert(touched.size > 0.98 * WIDTH * HEIGHT, "some places are never erased");
  const mean = all.reduce((sum, { places }) => sum + places.length, 0) / all.length;
  assertAlmostEquals(mean / WIDTH / HEIGHT, (0.02 + 1 / 3) / 2, 0.03);
  assertEquals(sample, before);
});

Deno.test("random-erasing leaves as many samples alone as it should", () => {
  const share = many({}).length / 300;
  assert(Math.abs(share - 0.25) < 0.08, `${share}`);
  assertEquals(many({ probability: 0 }).length, 0);
});

Deno.test("random-erasing fills with normal noise, one colour or the mean", () => {
  const values = (mode: "pixel" | "color" | "mean") =>
    many({ probability: 1, mode }, 40).map((after) =>
      erased(after).places.map((i) => [...after.image.data.subarray(3 * i, 3 * i + 3)])
    );
  const noise = values("pixel").flat(2);
  const mean = noise.reduce((sum, x) => sum + x, 0) / noise.length;
  assertAlmostEquals(mean, 0, 0.05);
  assertAlmostEquals(noise.reduce((sum, x) => sum + (x - mean) ** 2, 0) / noise.length, 1, 0.05);
  assert(new Set(noise).size > 0.99 * noise.length, "pixels share their noise");
  for (const part of values("color")) assertEquals(new Set(part.map(String)).size, 1);
  assert(new Set(values("color").map(([first]) => `${first}`)).size > 30, "one colour for all");
  assertEquals(new Set(values("mean").flat(2)), new Set([0]));
});

Deno.test("random-erasing keeps mask and maps, or ignores what is erased", () => {
  for (const after of many({ probability: 1 }, 10)) {
    assertEquals([after.mask, after.maps], [sample.mask, sample.maps]);
  }
  for (const after of many({ probability: 1, mask: "ignore" }, 10)) {
    const places = new Set(erased(after).places);
    after.mask!.data.forEach((x, i) => assertEquals(x, places.has(i) ? 255 : sample.mask!.data[i]));
    const map = sample.maps!["map"]!;
    after.maps!["map"]!.data.forEach((x, i) => assertEquals(x, places.has(i) ? 0 : map.data[i]));
  }
});

Deno.test("random-erasing erases nothing where no rectangle fits, and refuses what is wrong", () => {
  const pixel = make(normalize, {}).apply(coded(1, 1), Rng.of(1));
  assertEquals(make(randomErasing, { probability: 1 }).apply(pixel, Rng.of(1)), pixel);
  assertThrows(
    () => make(randomErasing, {}).apply(coded(4, 4), Rng.of(1)),
    TypeError,
    "list it after normalize",
  );
  for (
    const options of [{ minArea: 0.5, maxArea: 0.4 }, { minArea: 0 }, { minAspect: 2 }, {
      mode: "rand",
    }]
  ) {
    assert(!accepts(randomErasing, options), JSON.stringify(options));
  }
});
