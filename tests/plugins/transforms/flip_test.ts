import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { flip } from "../../../plugins/transforms/flip.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { accepts, coded, make } from "./samples.ts";

Deno.test("flip mirrors image and mask alike, at odd and even widths and one pixel", () => {
  for (const [width, height] of [[5, 3], [4, 2], [1, 1], [1, 3]] as const) {
    const before = coded(width, height);
    const after = make(flip, { probability: 1 }).apply(before, Rng.of(1));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = y * width + width - 1 - x, to = y * width + x;
        assertEquals(after.mask!.data[to], before.mask.data[from]);
        assertEquals(
          [...after.image.data.slice(to * 3, to * 3 + 3)],
          [...before.image.data.slice(from * 3, from * 3 + 3)],
        );
      }
    }
    assertEquals(before, coded(width, height), "the input stays as it was");
    assertEquals(make(flip, { probability: 1 }).apply(after, Rng.of(1)), before);
  }
});

Deno.test("flip mirrors normalised images too", () => {
  const sample = make(normalize, {}).apply(coded(3, 2), Rng.of(1));
  const twice = make(flip, { probability: 1 });
  const once = twice.apply(sample, Rng.of(1));
  assert(once.image.data instanceof Float32Array);
  assertEquals(once.image.data.slice(0, 3), sample.image.data.slice(6, 9));
  assertEquals(twice.apply(once, Rng.of(1)), sample);
});

Deno.test("flip mirrors about half of the samples by default, the same ones for the same seed", () => {
  const sample = coded(3, 1);
  const mirrored = (seed: number) =>
    Array.from(
      { length: 400 },
      (_, i) => make(flip, {}).apply(sample, Rng.of(seed, i)).image !== sample.image,
    );
  const share = mirrored(1).filter(Boolean).length / 400;
  assert(share > 0.42 && share < 0.58, `mirrored ${share}`);
  assertEquals(mirrored(1), mirrored(1));
  assert(mirrored(1).join() !== mirrored(2).join());
  assertStrictEquals(make(flip, { probability: 0 }).apply(sample, Rng.of(1)), sample);
});

Deno.test("flip refuses probabilities outside 0..1", () => {
  assert(!accepts(flip, { probability: 1.1 }));
  assert(!accepts(flip, { probability: -0.1 }));
  assert(!accepts(flip, { propability: 0.5 }));
});
