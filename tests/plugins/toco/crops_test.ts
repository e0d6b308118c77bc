import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { localCrops, regions, secondView } from "../../../plugins/toco/crops.ts";
import { eachBackend } from "../../backends.ts";

const HEIGHT = 20, WIDTH = 26, SIDE = 8, COUNT = 5, SAMPLES = 2;
const rngOf = (sample: number) => Rng.of(4, "crop", sample);

/** Red is the row, green the column, blue the sample: a crop tells where it comes from. */
const coded = () =>
  tf.tensor4d(
    Float32Array.from({ length: SAMPLES * HEIGHT * WIDTH * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3) % (HEIGHT * WIDTH);
      const sample = Math.floor(i / 3 / HEIGHT / WIDTH);
      return [Math.floor(pixel / WIDTH), pixel % WIDTH, sample][i % 3]!;
    }),
    [SAMPLES, HEIGHT, WIDTH, 3],
  );

/** A region whose left half is a class, and whose right half is background. */
const halves = () =>
  tf.tensor3d(
    Float32Array.from({ length: SAMPLES * HEIGHT * WIDTH }, (_, i) => i % WIDTH < 13 ? 2 : 0),
    [SAMPLES, HEIGHT, WIDTH],
  );

/** First row, column and sample of each crop, and whether all of it is that crop's. */
async function cornersOf(images: tf.Tensor4D) {
  const data = await images.data<"float32">(), length = SIDE * SIDE * 3;
  return Array.from({ length: images.shape[0] }, (_, k) => {
    const [row, column, sample] = data.slice(k * length) as unknown as [number, number, number];
    for (let i = 0; i < SIDE * SIDE; i++) {
      const at = k * length + 3 * i;
      assertEquals(
        [data[at], data[at + 1], data[at + 2]],
        [row + Math.floor(i / SIDE), column + i % SIDE, sample],
      );
    }
    return { row, column, sample };
  });
}

eachBackend(
  "local crops are squares of their image whose middles are no class for sure",
  async () => {
    const before = tf.memory().numTensors;
    const image = coded(), region = halves();
    const crops = localCrops(image, region, { count: COUNT, side: SIDE }, rngOf);
    const corners = await cornersOf(crops.images);
    assertEquals(corners.map(({ sample }) => sample), [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    for (const { row, column } of corners) {
      assert(row < HEIGHT - SIDE && column < WIDTH - SIDE);
      assert(column + SIDE / 2 >= 13, `the middle of ${column} is a class`);
    }
    assertEquals(new Set(corners.map(({ row, column }) => `${row} ${column}`)).size, 10);
    // A crop counts by how much of it is no background: each pixel of a class counts 2.
    const positive = await crops.positive.data();
    assertEquals(
      [...positive],
      [0, 1].flatMap((n) => corners.filter(({ sample }) => sample === n))
        .map(({ column }) => Number(2 * Math.max(13 - column, 0) / SIDE > 0.2)),
    );
    tf.dispose([image, region, crops.images, crops.positive]);
    assertEquals(tf.memory().numTensors, before);
  },
);

eachBackend(
  "local crops are anywhere where an image has too few places that are no class",
  async () => {
    const image = coded(), region = tf.fill<tf.Rank.R3>([SAMPLES, HEIGHT, WIDTH], 2);
    const crops = localCrops(image, region, { count: COUNT, side: SIDE }, rngOf);
    const corners = await cornersOf(crops.images);
    assert(new Set(corners.map(({ column }) => column)).size > 3);
    assertEquals([...await crops.positive.data()], Array(10).fill(1));
  },
);

eachBackend("a sample's crops do not depend on the others of its micro-batch", async () => {
  const shape = { count: COUNT, side: SIDE };
  const both = await cornersOf(localCrops(coded(), halves(), shape, rngOf).images);
  const second = localCrops(
    tf.slice(coded(), [1, 0, 0, 0], [1, -1, -1, -1]),
    tf.slice(halves(), [1, 0, 0], [1, -1, -1]),
    shape,
    (sample) => rngOf(1 + sample),
  );
  assertEquals(
    await cornersOf(second.images),
    both.filter(({ sample }) => sample === 1).map((corner) => ({ ...corner, sample: 1 })),
  );
});

eachBackend("regions are 0 up to low, 2 from high on, 1 between", async () => {
  const cam = tf.tensor4d([0, 0.25, 0.1, 0.26, 0.69, 0, 0.7, 0.1], [1, 1, 4, 2]);
  const found = await regions(cam, { high: 0.7, low: 0.25 }).data<"float32">();
  assertEquals([...found], [0, 1, 1, 2]);
});

eachBackend("a second view is a part of its image, mirrored now and then", async () => {
  const image = coded();
  let mirrored = 0;
  for (let seed = 0; seed < 12; seed++) {
    const view = secondView(image, [0.4, 1], (sample) => Rng.of(seed, "view", sample));
    assertEquals(view.shape, image.shape);
    const [min, max] = await Promise.all(
      [tf.min(view, [1, 2]), tf.max(view, [1, 2])].map((tensor) => tensor.data<"float32">()),
    );
    for (let n = 0; n < SAMPLES; n++) {
      const [rows, columns] = [0, 1].map((c) => max![3 * n + c]! - min![3 * n + c]! + 1);
      assert(rows! * columns! >= 0.35 * HEIGHT * WIDTH, "too small a part");
      assertEquals([min![3 * n + 2], max![3 * n + 2]], [n, n]);
      const columnsOf = await tf.slice(view, [n, 0, 0, 1], [1, 1, WIDTH, 1]).data();
      if (columnsOf[0]! > columnsOf[WIDTH - 1]!) mirrored++;
    }
  }
  assert(mirrored > 4 && mirrored < 20, String(mirrored));
});
