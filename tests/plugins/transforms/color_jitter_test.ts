import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { readSafetensors } from "../../../core/safetensors.ts";
import { adjustBrightness } from "../../../plugins/transforms/color/brightness.ts";
import { adjustContrast } from "../../../plugins/transforms/color/contrast.ts";
import { adjustHue } from "../../../plugins/transforms/color/hue.ts";
import { adjustSaturation } from "../../../plugins/transforms/color/saturation.ts";
import { colorJitter } from "../../../plugins/transforms/color_jitter.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { accepts, make, noisy } from "./samples.ts";

const fixture = `${import.meta.dirname}/../../fixtures/color_jitter.safetensors`;

Deno.test("colour adjustments equal Pillow and torchvision on every value of the fixture", async () => {
  const { tensors } = await readSafetensors(fixture);
  const photo = tensors.get("photo")!.data as Uint8Array;
  const adjust: Record<string, (pixels: Uint8Array, factor: number) => Uint8Array> = {
    brightness: adjustBrightness,
    contrast: adjustContrast,
    saturation: adjustSaturation,
    hue: adjustHue,
  };
  let checked = 0;
  for (const [name, { data }] of tensors) {
    const [kind, factor] = name.split("_");
    if (factor === undefined) continue;
    assertEquals(adjust[kind!]!(photo, Number(factor)), data as Uint8Array, name);
    checked++;
  }
  assert(checked >= 5);
});

Deno.test("colour adjustments equal Pillow beyond the fixture's factors and on odd pixels", () => {
  // ImageEnhance of Pillow 9.4 and torchvision's hue on the same pixels.
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
  assertEquals([...adjustBrightness(pixels, 1.7)], [
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
    3,
    5,
    255,
    255,
    255,
    20,
    255,
    168,
    130,
    130,
    132,
    255,
    17,
    255,
    217,
    108,
    108,
    52,
    0,
    153,
    255,
    255,
    0,
  ]);
  assertEquals([...adjustContrast(pixels, 2.3)], [
    255,
    0,
    0,
    0,
    0,
    0,
    255,
    255,
    255,
    0,
    0,
    0,
    255,
    255,
    255,
    0,
    255,
    83,
    32,
    32,
    35,
    255,
    0,
    255,
    150,
    2,
    2,
    0,
    0,
    62,
    255,
    255,
    0,
  ]);
  assertEquals([...adjustSaturation(pixels, 1.9)], [
    255,
    0,
    0,
    0,
    0,
    0,
    255,
    255,
    255,
    0,
    2,
    3,
    254,
    255,
    252,
    0,
    255,
    69,
    77,
    77,
    78,
    255,
    0,
    255,
    168,
    46,
    46,
    40,
    0,
    153,
    255,
    255,
    0,
  ]);
  assertEquals([...adjustHue(pixels, 0.5)], [
    0,
    255,
    252,
    0,
    0,
    0,
    255,
    255,
    255,
    3,
    2,
    1,
    254,
    253,
    255,
    200,
    13,
    118,
    78,
    78,
    77,
    73,
    250,
    11,
    64,
    128,
    127,
    64,
    90,
    0,
    0,
    6,
    255,
  ]);
  assertEquals([...adjustHue(pixels, -0.31)], [
    42,
    0,
    255,
    0,
    0,
    0,
    255,
    255,
    255,
    2,
    3,
    1,
    255,
    253,
    254,
    200,
    123,
    13,
    77,
    78,
    77,
    11,
    250,
    230,
    75,
    64,
    128,
    0,
    90,
    42,
    255,
    0,
    216,
  ]);
});

Deno.test("colour adjustments at factor 1 change nothing, at 0 leave black or grey", () => {
  const pixels = noisy(9, 5).image.data as Uint8Array;
  for (const adjust of [adjustBrightness, adjustContrast, adjustSaturation]) {
    assertEquals(adjust(pixels, 1), pixels);
  }
  assert(adjustBrightness(pixels, 0).every((value) => value === 0));
  assertEquals(new Set(adjustContrast(pixels, 0)).size, 1);
  const grey = adjustSaturation(pixels, 0);
  assert(grey.every((value, i) => value === grey[i - i % 3]));
});

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
