import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { accepts, make, noisy, normalization } from "./samples.ts";

Deno.test("normalize computes (rgb / 255 - mean) / std in float32 for every channel", () => {
  const { image } = noisy(7, 5);
  const sample = make(normalize, {}).apply(noisy(7, 5), Rng.of(1));
  assert(sample.image.data instanceof Float32Array);
  sample.image.data.forEach((value, i) => {
    const mean = normalization.mean[i % 3]!, std = normalization.std[i % 3]!;
    assertEquals(value, Math.fround((image.data[i]! / 255 - mean) / std));
  });
});

Deno.test("normalize takes mean and std of the recipe before the backbone's", () => {
  const options = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
  const { image } = make(normalize, { mean: [...options.mean], std: [...options.std] }).apply(
    noisy(3, 3),
    Rng.of(1),
  );
  const before = noisy(3, 3).image.data;
  image.data.forEach((value, i) => assertAlmostEquals(value, before[i]! / 127.5 - 1, 1e-7));
  const mixed = make(normalize, { std: [1, 1, 1] }).apply(noisy(1, 1), Rng.of(1));
  assertAlmostEquals(mixed.image.data[2]!, noisy(1, 1).image.data[2]! / 255 - 0.406, 1e-7);
});

Deno.test("normalize refuses what is normalised already and what is not RGB", () => {
  const transform = make(normalize, {});
  const once = transform.apply(noisy(2, 2), Rng.of(1));
  assertThrows(() => transform.apply(once, Rng.of(1)), TypeError, "list normalize only once");
  const grey = { width: 1, height: 1, channels: 1, data: new Uint8Array(1) };
  assertThrows(
    () => transform.apply({ ...noisy(1, 1), image: grey }, Rng.of(1)),
    RangeError,
    "1 channels, must be 3",
  );
});

Deno.test("normalize wants three numbers, and no std of 0", () => {
  assert(!accepts(normalize, { mean: [0.5, 0.5] }));
  assert(!accepts(normalize, { mean: 0.5 }));
  assert(!accepts(normalize, { std: [1, 0, 1] }));
});
