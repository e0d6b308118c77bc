import { assert, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { shiftHsv } from "../../../plugins/transforms/color/shift_hsv.ts";
import { hsv } from "../../../plugins/transforms/hsv.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { accepts, make, noisy } from "./samples.ts";

/** Largest difference of two images. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

Deno.test("shiftHsv() is within one level of OpenCV", () => {
  // OpenCV 5.0: RGB2HSV, add, hue modulo 180, the rest clipped, HSV2RGB.
  const pixels = new Uint8Array([
    255,
    0,
    0,
    0,
    0,
    0,
    255,
    255,
    255,
    1,
    2,
    3,
    254,
    255,
    253,
    12,
    200,
    99,
    77,
    77,
    78,
    200,
    10,
    250,
    128,
    64,
    64,
    31,
    0,
    90,
    255,
    255,
    0,
  ]);
  const a = shiftHsv(pixels, { hue: -10, saturation: 9, value: -7 });
  assert(
    distance(a, [
      248,
      0,
      83,
      0,
      0,
      0,
      248,
      239,
      242,
      0,
      0,
      0,
      246,
      248,
      237,
      5,
      193,
      30,
      68,
      69,
      71,
      114,
      1,
      243,
      121,
      56,
      78,
      0,
      0,
      83,
      248,
      165,
      0,
    ]) <= 1,
  );
  const b = shiftHsv(pixels, { hue: 80, saturation: -60, value: 50 });
  assert(
    distance(b, [
      60,
      255,
      190,
      50,
      50,
      50,
      255,
      255,
      255,
      53,
      34,
      30,
      255,
      255,
      255,
      250,
      74,
      226,
      128,
      128,
      128,
      169,
      255,
      70,
      131,
      178,
      162,
      140,
      140,
      33,
      60,
      125,
      255,
    ]) <= 1,
  );
});

Deno.test("shiftHsv() at 0 keeps black, white and greys, and colours within what 8-bit HSV can hold", () => {
  const still = { hue: 0, saturation: 0, value: 0 };
  const greys = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3));
  assertEquals(shiftHsv(greys, still), greys);
  const { data } = noisy(40, 40).image;
  assert(distance(shiftHsv(data as Uint8Array, still), data) <= 5);
});

Deno.test("hsv draws within its spreads, repeats itself, and keeps mask and input", () => {
  const transform = make(hsv, {});
  const sample = noisy(6, 5);
  const seen = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const after = transform.apply(sample, Rng.of(1, i));
    assertEquals(after, transform.apply(sample, Rng.of(1, i)));
    assertEquals(after.mask, sample.mask);
    seen.add(after.image.data.join());
  }
  assert(seen.size > 25);
  assertEquals(sample, noisy(6, 5));
});

Deno.test("hsv draws every integer from minus to plus its spread, both ends among them, alike often", () => {
  const grey = {
    ...noisy(1, 1),
    image: { ...noisy(1, 1).image, data: new Uint8Array(3).fill(100) },
  };
  for (const spread of [0, 1, 10]) {
    const transform = make(hsv, { hue: 0, saturation: 0, value: spread });
    const draws = 200 * (2 * spread + 1);
    const counts = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      // Of a grey pixel the value is what all its channels move by.
      const moved = transform.apply(grey, Rng.of(2, i)).image.data[0]! - 100;
      counts.set(moved, (counts.get(moved) ?? 0) + 1);
    }
    const moves = [...counts.keys()].sort((a, b) => a - b);
    assertEquals(moves, Array.from({ length: 2 * spread + 1 }, (_, i) => i - spread));
    assert(Math.min(...counts.values()) > 130, `${[...counts]}`);
  }
});

Deno.test("hsv draws hue and saturation with both ends too", () => {
  const sample = noisy(6, 5), pixels = sample.image.data as Uint8Array;
  for (const what of ["hue", "saturation"] as const) {
    const still = { hue: 0, saturation: 0, value: 0 };
    const wanted = [-2, -1, 0, 1, 2].map((by) => shiftHsv(pixels, { ...still, [what]: by }).join());
    const transform = make(hsv, { ...still, [what]: 2 });
    const seen = new Set(
      Array.from(
        { length: 100 },
        (_, i) => transform.apply(sample, Rng.of(3, i)).image.data.join(),
      ),
    );
    assertEquals([...seen].sort(), [...new Set(wanted)].sort());
    assertEquals(seen.size, 5);
  }
});

Deno.test("hsv with every spread 0 shifts nothing", () => {
  const after = make(hsv, { hue: 0, saturation: 0, value: 0 }).apply(noisy(3, 3), Rng.of(1));
  const pixels = noisy(3, 3).image.data as Uint8Array;
  assertEquals(after.image.data, shiftHsv(pixels, { hue: 0, saturation: 0, value: 0 }));
});

Deno.test("hsv refuses normalised pixels and spreads that make no sense", () => {
  const sample = make(normalize, {}).apply(noisy(2, 2), Rng.of(1));
  assertThrows(
    () => make(hsv, {}).apply(sample, Rng.of(1)),
    TypeError,
    "list hsv before normalize",
  );
  assert(!accepts(hsv, { hue: 91 }));
  assert(!accepts(hsv, { value: 1.5 }));
  assert(!accepts(hsv, { saturation: -1 }));
});
