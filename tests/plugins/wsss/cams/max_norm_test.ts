import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { maxNorm } from "../../../../plugins/wsss/cams/max_norm.ts";
import { eachBackend } from "../../../backends.ts";
import { build, randomMaps } from "../../losses/numeric.ts";
import { maxNorm as reference } from "../../losses/references.ts";
import { checkOperation } from "../../losses/setup.ts";

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
