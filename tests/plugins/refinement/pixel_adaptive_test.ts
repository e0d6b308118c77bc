import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { createPlugin, miniRun } from "seamstress/testing";
import * as tf from "@tensorflow/tfjs";
import type { Scores } from "../../../core/contracts/refinement.ts";
import { pixelAdaptiveRefinement } from "../../../plugins/refinement/pixel_adaptive.ts";
import { pixelAdaptive } from "../../../plugins/wsss/refinement/pixel_adaptive.ts";
import { eachBackend } from "../../backends.ts";

const WIDTH = 9, HEIGHT = 5, LABELS = 3;

/** Left dark, right light. */
const IMAGE = {
  width: WIDTH,
  height: HEIGHT,
  channels: 3,
  data: Uint8Array.from(
    { length: WIDTH * HEIGHT * 3 },
    (_, i) => (Math.floor(i / 3) % WIDTH < 4 ? 20 : 220) + (i * 7) % 5,
  ),
};

/** One sure pixel a side; the third label is nowhere. */
function scores(): Scores {
  const data = new Float32Array(LABELS * WIDTH * HEIGHT);
  data[2 * WIDTH + 1] = 1;
  data[WIDTH * HEIGHT + 2 * WIDTH + 7] = 1;
  return { width: WIDTH, height: HEIGHT, channels: LABELS, data };
}

eachBackend("pixel-adaptive lets scores flow as far as the colour goes", async () => {
  const before = tf.memory().numTensors;
  const refinement = await createPlugin(pixelAdaptiveRefinement, {
    dilations: [1, 2],
    iterations: 8,
  }, undefined);
  const given = scores();
  const { width, height, channels, data } = await refinement.refine(given, IMAGE);
  assertEquals([width, height, channels, data.length], [WIDTH, HEIGHT, LABELS, given.data.length]);
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
    const [left, right, none] = [0, 1, 2].map((c) => data[c * WIDTH * HEIGHT + pixel]!);
    const isLeft = pixel % WIDTH < 4;
    assert(isLeft ? left! > 3 * right! : right! > 3 * left!, `pixel ${pixel}: ${left} ${right}`);
    assertEquals(none, 0);
  }
  assertEquals(given.data, scores().data);
  assertEquals(tf.memory().numTensors, before, "tensors were left behind");
});

eachBackend(
  "pixelAdaptive keeps sums, but for what nearness adds, and takes scores of any size",
  async () => {
    const image = tf.randomUniform<tf.Rank.R4>([1, 12, 10, 3], 0, 1, "float32", 3);
    const ones = tf.ones<tf.Rank.R4>([1, 4, 5, 2]);
    const options = { dilations: [1, 3], iterations: 4, colour: 0.3, position: 0.01 };
    const refined = pixelAdaptive(image, ones, options);
    assertEquals(refined.shape, [1, 12, 10, 2]);
    for (const value of await refined.data()) assertAlmostEquals(value, 1.01 ** 4, 1e-4);
  },
);

eachBackend("no gradient passes through pixelAdaptive", async () => {
  const image = tf.randomUniform<tf.Rank.R4>([1, 6, 7, 3], 0, 1, "float32", 3);
  const maps = tf.randomUniform<tf.Rank.R4>([1, 6, 7, 2], 0, 1, "float32", 4);
  const options = { dilations: [1], iterations: 2, colour: 0.3, position: 0.01 };
  const refined = pixelAdaptive(image, maps, options);
  const slope = tf.grad((x) => tf.mul(x, pixelAdaptive(image, x as tf.Tensor4D, options)).sum())(
    maps,
  );
  assertEquals(await slope.data(), await refined.data());
});

Deno.test("stages refine CAMs by pixel-adaptive, and score the masks", async () => {
  const refinements = [
    { use: "threshold", alpha: 0.3 },
    { use: "pixel-adaptive", dilations: [1, 2], iterations: 2 },
  ];
  const metric = { use: "miou", predictions: "masks" };
  await using run = await miniRun({
    train: { epochs: 1 },
    stages: [
      { id: "cams", run: "infer", from: "train", split: "train[0:4]", scales: [1] },
      { id: "masks", run: "refine", from: "cams", refinements },
      { id: "score", run: "evaluate", from: "masks", metric },
    ],
  });
  assert(run.scores["score"]!["miou"]! > 0);
});

Deno.test("pixel-adaptive refuses an image of another size, and options that are none", async () => {
  const refinement = await createPlugin(pixelAdaptiveRefinement, {}, undefined);
  await assertRejects(
    () => refinement.refine(scores(), { ...IMAGE, width: 5, height: 9 }),
    RangeError,
    "scores of 9x5 by an image of 5x9",
  );
  for (const wrong of [{ dilations: [] }, { dilations: [0] }, { iterations: 0 }, { color: 1 }]) {
    await assertRejects(() => createPlugin(pixelAdaptiveRefinement, wrong, undefined), TypeError);
  }
});
