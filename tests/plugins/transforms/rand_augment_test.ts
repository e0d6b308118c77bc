import { assert, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../../core/rng.ts";
import type { Raster, Sample } from "../../../core/data/sample.ts";
import { normalize } from "../../../plugins/transforms/normalize.ts";
import { randAugment } from "../../../plugins/transforms/rand_augment.ts";
import { OPERATIONS } from "../../../plugins/transforms/rand_augment/operations.ts";
import { accepts, coded, make } from "./samples.ts";

type Name = keyof typeof OPERATIONS;

/** Written by tests/fixtures/rand_augment.py. */
const timm: {
  readonly fill: readonly number[];
  readonly images: Readonly<
    Record<string, { readonly width: number; readonly height: number; readonly data: number[] }>
  >;
  readonly results: readonly {
    readonly operation: string;
    readonly level: number;
    readonly negative: boolean;
    readonly image: string;
    readonly after: readonly number[];
  }[];
} = JSON.parse(
  await Deno.readTextFile(new URL("../../fixtures/rand_augment.json", import.meta.url)),
);

/** timm's names, of operations that get stronger with the level. */
const TIMM: Readonly<Record<Name, string>> = {
  "auto-contrast": "AutoContrast",
  equalize: "Equalize",
  invert: "Invert",
  rotate: "Rotate",
  posterize: "PosterizeIncreasing",
  solarize: "SolarizeIncreasing",
  "solarize-add": "SolarizeAdd",
  color: "ColorIncreasing",
  contrast: "ContrastIncreasing",
  brightness: "BrightnessIncreasing",
  sharpness: "SharpnessIncreasing",
  "shear-x": "ShearX",
  "shear-y": "ShearY",
  "translate-x": "TranslateXRel",
  "translate-y": "TranslateYRel",
};
const NAMES = Object.keys(TIMM) as Name[];

/** A sample of RGB pixels without mask. */
function sampleOf(image: Omit<Raster, "channels" | "data">, data: Iterable<number>): Sample {
  const label = Float32Array.of(1);
  return { name: "a", label, image: { ...image, channels: 3, data: Uint8Array.from(data) } };
}

Deno.test("rand-augment has every operation of timm's rand-m9-mstd0.5-inc1, and no other", () => {
  assertEquals(
    new Set(timm.results.map(({ operation }) => operation)),
    new Set(Object.values(TIMM)),
  );
  assertEquals(NAMES, Object.keys(OPERATIONS));
});

for (const name of NAMES) {
  Deno.test(`rand-augment: ${name} gives timm's pixels at every level`, () => {
    const cases = timm.results.filter(({ operation }) => operation === TIMM[name]);
    assert(cases.length > 0);
    for (const { level, negative, image, after } of cases) {
      const { width, height, data } = timm.images[image]!;
      const strength = { part: level / 10, sign: negative ? -1 : 1, fill: timm.fill } as const;
      const found = OPERATIONS[name](sampleOf({ width, height }, data), strength);
      assertEquals([...found.image.data], after, `${image} at ${negative ? -level : level}`);
    }
  });
}

const WIDTH = 24, HEIGHT = 18;
/** The mask and a map say what the red and the green channel say. */
const aligned: Sample = (() => {
  const { image, ...rest } = coded(WIDTH, HEIGHT);
  const channel = (c: number) => Array.from(image.data).filter((_, i) => i % 3 === c);
  const raster = { width: WIDTH, height: HEIGHT, channels: 1 };
  return {
    ...rest,
    image,
    mask: { ...raster, data: Uint8Array.from(channel(0)) },
    maps: { green: { ...raster, data: Float32Array.from(channel(1)) } },
  };
})();

Deno.test("rand-augment moves mask and maps with the image, and ignores what comes from outside", () => {
  const fill = [200, 201, 202];
  for (const name of NAMES) {
    const before = structuredClone(aligned);
    const after = OPERATIONS[name](aligned, { part: 0.6, sign: -1, fill });
    assertEquals(aligned, before, name);
    if (!/rotate|shear|translate/.test(name)) {
      assertEquals([after.mask, after.maps], [aligned.mask, aligned.maps], name);
      continue;
    }
    const red = (i: number) => after.image.data[3 * i]!,
      green = (i: number) => after.image.data[3 * i + 1]!;
    let outside = 0;
    after.mask!.data.forEach((level, i) => {
      if (level === 255) {
        outside++;
        assertEquals([red(i), after.maps!["green"]!.data[i]], [200, 0], name);
      } else {
        // Colours are cubic in place, masks the nearest; colours are cut to integers.
        assert(Math.abs(red(i) - level) <= 1.5, `${name}: ${red(i)} ${level}`);
        assert(Math.abs(green(i) - after.maps!["green"]!.data[i]!) <= 1.5, name);
      }
    });
    assert(outside > 0.04 * WIDTH * HEIGHT && outside < 0.4 * WIDTH * HEIGHT, `${name} ${outside}`);
  }
});

Deno.test("rand-augment fills with the mean colour of the normalisation", () => {
  const grey = sampleOf({ width: 30, height: 30 }, new Uint8Array(2700).fill(7));
  const transform = make(randAugment, { probability: 1, operations: 1, magnitude: 10 });
  const corners = Array.from({ length: 60 }, (_, i) => {
    const { data } = transform.apply(grey, Rng.of(1, i)).image;
    return `${data.slice(0, 3)}`;
  });
  assert(corners.includes("124,116,104"), corners.join(" "));
});

Deno.test("rand-augment draws operations, strength and direction of each sample", () => {
  const after = (options: Parameters<typeof make<typeof randAugment.options>>[1], i: number) =>
    make(randAugment, options).apply(aligned, Rng.of(4, i));
  const all = (options: Parameters<typeof after>[0]) =>
    Array.from({ length: 200 }, (_, i) => `${after(options, i).image.data}`);
  const same = `${aligned.image.data}`;
  const changed = (options: Parameters<typeof after>[0]) =>
    all(options).filter((pixels) => pixels !== same).length / 200;
  // 1 − 0.5², less operations that leave these pixels as they are.
  assert(changed({}) > 0.6 && changed({}) < 0.8, `${changed({})}`);
  assertEquals(changed({ probability: 0 }), 0);
  assert(changed({ probability: 1, operations: 4 }) > 0.97);
  assertEquals(after({}, 3), after({}, 3));
  // Thirteen operations, of which ten have a direction, without spread; a continuum with it.
  const kinds = (deviation: number) =>
    new Set(all({ probability: 1, operations: 1, deviation })).size;
  assert(kinds(0) <= 26 && kinds(0) >= 20, `${kinds(0)}`);
  assert(kinds(0.5) > 70, `${kinds(0.5)}`);
});

Deno.test("rand-augment refuses normalised pixels and wrong options", () => {
  const normalised = make(normalize, {}).apply(aligned, Rng.of(1));
  assertThrows(
    () => make(randAugment, {}).apply(normalised, Rng.of(1)),
    TypeError,
    "list rand-augment before normalize",
  );
  for (
    const options of [{ magnitude: 11 }, { deviation: -1 }, { operations: 0 }, { probability: 2 }, {
      n: 2,
    }]
  ) {
    assert(!accepts(randAugment, options), JSON.stringify(options));
  }
});
