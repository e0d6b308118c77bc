import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import { convGeometry } from "../../../../plugins/ops/conv/geometry.ts";
import { winogradTiling } from "../../../../plugins/ops/conv/winograd/pays.ts";
import { tileParts, tilesPerSample } from "../../../../plugins/ops/conv/winograd/tiles.ts";
import { backends } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { type Case, compare, describe } from "./against_definition.ts";

/** Odd sizes, channels that fill no vector register, one and two samples, every kind of padding, more tiles than one part has. */
const cases: readonly Case[] = [
  { x: [1, 14, 14, 16], k: 3, filters: 16, pad: 1 },
  { x: [2, 15, 13, 18], k: 3, filters: 21, pad: 1 },
  { x: [1, 17, 16, 16], k: 3, filters: 19, pad: 0 },
  { x: [1, 14, 17, 17], k: 3, filters: 16, pad: "same" },
  { x: [1, 14, 15, 16], k: 3, filters: 17, pad: 3 },
  { x: [2, 16, 17, 16], k: 3, filters: 18, dilation: 2, pad: 2 },
  { x: [1, 27, 29, 16], k: 3, filters: 16, dilation: 4, pad: 4 },
  { x: [1, 30, 31, 17], k: 3, filters: 16, dilation: 3, pad: 0 },
  { x: [1, 28, 28, 120], k: 3, filters: 130, pad: 1 },
  { x: [1, 29, 31, 21], k: 3, filters: 18, pad: 1 },
  { x: [2, 32, 29, 16], k: 3, filters: 23, pad: "same" },
  { x: [2, 28, 28, 17], k: 3, filters: 16, dilation: 4, pad: 4 },
  { x: [1, 28, 27, 530], k: 3, filters: 20, dilation: 2, pad: 2 },
];

function geometryOf({ x, filters, dilation = 1, pad }: Case) {
  return convGeometry(x, [3, 3, x[3], filters], 1, pad, dilation, false);
}

Deno.test("on wasm, 3x3 convolutions by Winograd's tiles and both gradients equal the definition", async () => {
  await backends.wasm.prepare();
  const chosen = new Set<number>();
  for (const one of cases) {
    const tiling = winogradTiling(geometryOf(one));
    assert(tiling, `${describe(one)} is computed another way`);
    chosen.add(tiling.output);
    const filter = randomArray(`filter ${describe(one)}`, [3, 3, one.x[3], one.filters]);
    await compare(
      one,
      filter,
      false,
      (x, filter) => conv2d(x, filter, { dilation: one.dilation ?? 1, pad: one.pad }),
    );
  }
  assertEquals([...chosen].toSorted(), [2, 4]);
});

Deno.test("an image's convolution has the same bits alone and in a batch", async () => {
  await backends.wasm.prepare();
  for (const one of cases.filter(({ x }) => x[0] > 1)) {
    const x = tf.tensor4d(Float32Array.from(randomArray("x", one.x).data), [...one.x]);
    const shape: [number, number, number, number] = [3, 3, one.x[3], one.filters];
    const filter = tf.tensor4d(Float32Array.from(randomArray("filter", shape).data), shape);
    const convolve = (image: tf.Tensor4D) =>
      conv2d(image, filter, { dilation: one.dilation ?? 1, pad: one.pad });
    const whole = convolve(x), [first, second] = tf.split<tf.Tensor4D>(x, 2).map(convolve);
    assertEquals(await whole.data(), await tf.concat([first!, second!]).data());
  }
  tf.disposeVariables();
});

Deno.test("every output pixel lies in one tile, and no part has more tiles than it may, but for one row", () => {
  for (const one of cases) {
    const geometry = geometryOf(one), [samples, height, width] = geometry.output;
    for (
      const [output, most] of [2, 4].flatMap((o) => [1, 7, 20, 1000].map((n) => [o, n] as const))
    ) {
      const seen = new Set<string>();
      let tiles = 0;
      for (const part of tileParts(geometry, output, most)) {
        const count = part.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
        assert(count <= Math.max(most, part[0]!.columns), `${count}`);
        tiles += count;
        for (const { sample, first, size, row, rows } of part) {
          for (let r = output * row; r < Math.min(output * (row + rows), size[0]); r++) {
            for (let c = 0; c < size[1]; c++) {
              const d = one.dilation ?? 1, pixel = [sample, first[0] + d * r, first[1] + d * c];
              assert(pixel[1]! < height && pixel[2]! < width, pixel.join());
              assert(!seen.has(pixel.join()), pixel.join());
              seen.add(pixel.join());
            }
          }
        }
      }
      assertEquals([seen.size, tiles], [
        samples * height * width,
        samples * tilesPerSample(geometry, output),
      ]);
    }
  }
});
