import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { maxNorm } from "../../../../plugins/wsss/cams/max_norm.ts";
import { backends, eachBackend } from "../../../backends.ts";
import { build, randomMaps } from "../../losses/numeric.ts";
import { maxNorm as reference } from "../../losses/references.ts";
import { checkOperation, tensorOf } from "../../losses/setup.ts";

eachBackend("maxNorm and its gradient are right for scores of both signs", async () => {
  const cam = randomMaps("cam", [2, 5, 7, 3], [-0.5, 2]);
  await checkOperation(maxNorm, reference, cam, "both signs");
});

eachBackend("maxNorm passes a gradient through a minimum above 0", async () => {
  const cam = randomMaps("lifted", [2, 5, 7, 3], [0.25, 2]);
  await checkOperation(maxNorm, reference, cam, "lifted");
});

eachBackend("maxNorm of a map without positive scores is 0, with gradient 0", async () => {
  const cam = build([1, 3, 3, 2], (_, pixel) => -pixel);
  await checkOperation(maxNorm, reference, cam, "negative");
});

eachBackend("maxNorm gives the gradient of tied maxima to one of them", async () => {
  const cam = tf.tensor4d([0, 1, 4, 4], [1, 2, 2, 1]);
  const slope = await tf.grad((x) => maxNorm(x as tf.Tensor4D).slice([0, 0, 1, 0], [1, 1, 1, 1]))(
    cam,
  ).data();
  assertEquals(slope[3], 0);
  assertEquals(slope[2]! < 0, true);
});

eachBackend(
  "maxNorm's gradient of many pixels is the slope of its definition along a direction",
  async () => {
    // More than are added up in float32 at a time, and no whole number of vectors.
    const cam = randomMaps("many", [2, 61, 83, 7], [-0.5, 2]), way = randomMaps("way", cam.shape);
    const factors = randomMaps("factors", cam.shape), h = 1e-7;
    const valueAt = (step: number) => {
      const data = cam.data.map((value, i) => value + step * way.data[i]!);
      return reference({ ...cam, data }).data.reduce((sum, v, i) => sum + v * factors.data[i]!, 0);
    };
    const weights = tensorOf(factors);
    const slopes = await tf.grad((x) => maxNorm(x as tf.Tensor4D).mul(weights).sum())(tensorOf(cam))
      .data<"float32">();
    const found = slopes.reduce((sum, slope, i) => sum + slope * way.data[i]!, 0);
    const wanted = (valueAt(h) - valueAt(-h)) / (2 * h);
    assert(Math.abs(found - wanted) < 1e-3 * Math.abs(wanted), `${found} ${wanted}`);
  },
);

Deno.test("maxNorm of a map with NaN is NaN on wasm, not a number that hides it", async () => {
  await backends.wasm.prepare();
  const value = await maxNorm(tf.tensor4d([1, NaN, 2, 3], [1, 2, 2, 1])).data();
  assert(value.some(Number.isNaN));
});
