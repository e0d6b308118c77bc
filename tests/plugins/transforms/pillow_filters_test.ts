import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import { gaussianBlur } from "../../../plugins/transforms/blur/gaussian_blur.ts";
import { gaussianBlurTransform } from "../../../plugins/transforms/gaussian_blur.ts";
import { grayscale } from "../../../plugins/transforms/grayscale.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { solarize } from "../../../plugins/transforms/solarize.ts";
import { accepts, make, noisy } from "./samples.ts";

/** Written by tests/fixtures/pillow_filters.py. */
const pillow: {
  readonly width: number;
  readonly height: number;
  readonly image: readonly number[];
  readonly blur: Readonly<Record<string, readonly number[]>>;
  readonly solarize: Readonly<Record<string, readonly number[]>>;
  readonly grey: readonly number[];
} = JSON.parse(
  await Deno.readTextFile(new URL("../../fixtures/pillow_filters.json", import.meta.url)),
);
const { width, height } = pillow;
const sample = {
  ...noisy(width, height),
  image: { width, height, channels: 3, data: Uint8Array.from(pillow.image) },
};

Deno.test("the blur is Pillow's, to the level, narrower and wider than the image", () => {
  for (const [radius, wanted] of Object.entries(pillow.blur)) {
    const blurred = gaussianBlur(sample.image.data, sample.image, Number(radius));
    assertEquals([...blurred], wanted, `radius ${radius}`);
  }
});

Deno.test("gaussian-blur draws its width between min and max", () => {
  const fixed = make(gaussianBlurTransform, { probability: 1, min: 1.3, max: 1.3 });
  assertEquals([...fixed.apply(sample, Rng.of(1)).image.data], pillow.blur["1.3"]);
  const any = make(gaussianBlurTransform, { probability: 1 });
  for (let i = 0; i < 20; i++) {
    const rng = Rng.of(2, i);
    rng.float();
    const wanted = gaussianBlur(sample.image.data, sample.image, rng.uniform(0.1, 2));
    assertEquals(any.apply(sample, Rng.of(2, i)).image.data, wanted);
  }
});

Deno.test("solarize is Pillow's at every threshold, 128 unless given", () => {
  for (const [threshold, wanted] of Object.entries(pillow.solarize)) {
    const transform = make(solarize, { probability: 1, threshold: Number(threshold) });
    assertEquals([...transform.apply(sample, Rng.of(1)).image.data], wanted, threshold);
  }
  const usual = make(solarize, { probability: 1 }).apply(sample, Rng.of(1));
  assertEquals([...usual.image.data], pillow.solarize["128"]);
});

Deno.test("grayscale is Pillow's, with three channels", () => {
  const grey = make(grayscale, { probability: 1 }).apply(sample, Rng.of(1));
  assertEquals([...grey.image.data], pillow.grey);
});

for (
  const [plugin, usual] of [[gaussianBlurTransform, 0.5], [solarize, 0.2], [
    grayscale,
    0.1,
  ]] as const
) {
  const { name } = plugin;
  Deno.test(`${name} changes its share of the samples, repeats itself, keeps mask and input`, () => {
    const before = structuredClone(sample);
    const transform = make(plugin, {});
    const changed = Array.from({ length: 300 }, (_, i) => {
      const after = transform.apply(sample, Rng.of(3, i));
      assertEquals(after.mask, sample.mask);
      assertEquals(transform.apply(sample, Rng.of(3, i)), after);
      return after !== sample;
    });
    const share = changed.filter(Boolean).length / changed.length;
    assert(Math.abs(share - usual) < 0.1, `${share}`);
    assertEquals(sample, before);
    const never = make(plugin, { probability: 0 });
    assertEquals(never.apply(sample, Rng.of(3)), sample);
    assertNotEquals(make(plugin, { probability: 1 }).apply(sample, Rng.of(3)), sample);
  });

  Deno.test(`${name} refuses normalised pixels and wrong options`, () => {
    const normalised = make(normalize, {}).apply(sample, Rng.of(1));
    assertThrows(
      () => make(plugin, { probability: 0 }).apply(normalised, Rng.of(1)),
      TypeError,
      `list ${name} before normalize`,
    );
    assert(!accepts(plugin, { probability: 1.1 }) && !accepts(plugin, { p: 1 }));
  });
}

Deno.test("gaussian-blur and solarize refuse what is out of range", () => {
  assert(!accepts(gaussianBlurTransform, { min: 0 }));
  assert(!accepts(gaussianBlurTransform, { min: 3, max: 2 }));
  assert(!accepts(solarize, { threshold: 257 }) && !accepts(solarize, { threshold: 1.5 }));
});
