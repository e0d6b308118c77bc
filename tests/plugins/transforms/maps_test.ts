import { assert, assertEquals } from "@std/assert";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import type { Sample } from "../../../core/data/sample.ts";
import { dataPlugins } from "../../../plugins/data.ts";

const WIDTH = 37, HEIGHT = 29;

/** A sample whose mask and two maps hold the same number at every place, 1 to 254; a map has a second channel. */
function sample(): Sample {
  const size = { width: WIDTH, height: HEIGHT };
  const number = (i: number) => i * 7 % 254 + 1;
  const pixels = WIDTH * HEIGHT;
  return {
    name: "a",
    image: {
      ...size,
      channels: 3,
      data: Uint8Array.from({ length: 3 * pixels }, (_, i) => i % 251),
    },
    label: Float32Array.of(1),
    mask: { ...size, channels: 1, data: Uint8Array.from({ length: pixels }, (_, i) => number(i)) },
    maps: {
      one: {
        ...size,
        channels: 1,
        data: Float32Array.from({ length: pixels }, (_, i) => number(i)),
      },
      two: {
        ...size,
        channels: 2,
        data: Float32Array.from(
          { length: 2 * pixels },
          (_, i) => i % 2 === 0 ? number(i >> 1) : 0.5,
        ),
      },
    },
  };
}

const OPTIONS: Readonly<Record<string, Record<string, unknown>>> = {
  "random-crop": { size: 33 },
  "resize-long": { longSide: 50 },
  "random-resize-long": { min: 20, max: 60 },
  flip: { probability: 1 },
};

Deno.test("every transform does to maps what it does to the mask", async () => {
  const registry = new Registry(dataPlugins);
  const normalization = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const names = registry.names("transform");
  assert(names.length >= 8, names.join());
  for (const name of names) {
    const use = { use: name, ...OPTIONS[name] };
    const transform = await registry.create("transform", use, { normalization });
    let given = sample();
    if (name === "random-crop" || name === "random-erasing") {
      given = { ...given, image: { ...given.image, data: Float32Array.from(given.image.data) } };
    }
    for (let seed = 0; seed < 4; seed++) {
      const { image, mask, maps } = transform.apply(given, Rng.of(seed, name));
      const { one, two } = maps!;
      for (const each of [mask!, one!, two!]) {
        assertEquals([each.width, each.height], [image.width, image.height], name);
      }
      const places = mask!.data.length;
      assertEquals([one!.data.length, two!.data.length], [places, 2 * places]);
      for (let i = 0; i < places; i++) {
        const value = mask!.data[i] === 255 ? 0 : mask!.data[i]!;
        assertEquals([one!.data[i], two!.data[2 * i]], [value, value], name);
      }
    }
  }
});
