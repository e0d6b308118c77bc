import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { adjustBrightness } from "../../../plugins/transforms/color/brightness.ts";
import { adjustContrast } from "../../../plugins/transforms/color/contrast.ts";
import { adjustHue } from "../../../plugins/transforms/color/hue.ts";
import { adjustSaturation } from "../../../plugins/transforms/color/saturation.ts";
import { colorJitter } from "../../../plugins/transforms/color_jitter.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { accepts, make, noisy } from "./samples.ts";

Deno.test("color-jitter applies each adjustment once, in every order", () => {
  const sample = noisy(4, 3);
  const pixels = sample.image.data as Uint8Array;
  const options = { brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1 };
  const orders = new Set<string>();
  for (let i = 0; i < 200; i++) {
    // The same draws as the transform makes: the order, three factors, the turn.
    const rng = Rng.of(1, i);
    const order = rng.permutation(4);
    const [b, c, s] = [0, 1, 2].map(() => rng.uniform(0.7, 1.3));
    const turn = rng.uniform(-0.1, 0.1);
    const steps = [
      (from: Uint8Array) => adjustBrightness(from, b!),
      (from: Uint8Array) => adjustContrast(from, c!),
      (from: Uint8Array) => adjustSaturation(from, s!),
      (from: Uint8Array) => adjustHue(from, turn),
    ];
    const expected = order.reduce((from, step) => steps[step]!(from), pixels);
    assertEquals(make(colorJitter, options).apply(sample, Rng.of(1, i)).image.data, expected);
    orders.add(order.join());
  }
  assertEquals(orders.size, 24);
});

Deno.test("color-jitter leaves out what is 0 and keeps its factors above 0", () => {
  const none = make(colorJitter, { brightness: 0, contrast: 0, saturation: 0, hue: 0 });
  assertEquals(none.apply(noisy(5, 5), Rng.of(1)), noisy(5, 5));
  const wild = make(colorJitter, { brightness: 3, contrast: 0, saturation: 0, hue: 0 });
  const grey = {
    ...noisy(1, 1),
    image: { ...noisy(1, 1).image, data: new Uint8Array([50, 50, 50]) },
  };
  const levels = Array.from(
    { length: 200 },
    (_, i) => wild.apply(grey, Rng.of(1, i)).image.data[0]!,
  );
  // Uniform in 0..4: a factor below 0 would make a third of them black.
  assert(levels.filter((level) => level === 0).length < 10);
  assert(Math.max(...levels) > 180 && Math.max(...levels) <= 200);
});

Deno.test("color-jitter keeps the mask and the input, works on one pixel, repeats itself", () => {
  const sample = noisy(1, 1);
  const transform = make(colorJitter, {});
  const after = transform.apply(sample, Rng.of(5));
  assertEquals(sample, noisy(1, 1));
  assertEquals(after.mask, sample.mask);
  assertEquals(transform.apply(sample, Rng.of(5)), after);
  assertNotEquals(
    transform.apply(noisy(8, 8), Rng.of(5)).image.data,
    transform.apply(noisy(8, 8), Rng.of(6)).image.data,
  );
});

Deno.test("color-jitter refuses normalised pixels and spreads that make no sense", () => {
  const sample = make(normalize, {}).apply(noisy(2, 2), Rng.of(1));
  assertThrows(
    () => make(colorJitter, {}).apply(sample, Rng.of(1)),
    TypeError,
    "list color-jitter before normalize",
  );
  assert(!accepts(colorJitter, { hue: 0.6 }));
  assert(!accepts(colorJitter, { brightness: -0.1 }));
});

Deno.test("color-jitter with a probability changes that share, as without one where it does", () => {
  const sample = noisy(4, 3), some = make(colorJitter, { probability: 0.8 });
  let changed = 0;
  for (let i = 0; i < 200; i++) {
    const rng = Rng.of(4, i);
    const is = rng.float() < 0.8;
    assertEquals(
      some.apply(sample, Rng.of(4, i)),
      is ? make(colorJitter, {}).apply(sample, rng) : sample,
    );
    changed += Number(is);
  }
  assert(Math.abs(changed / 200 - 0.8) < 0.1);
  assert(!accepts(colorJitter, { probability: -0.1 }));
});
