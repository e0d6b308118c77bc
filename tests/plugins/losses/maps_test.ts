import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { absoluteDifference } from "../../../plugins/wsss/training/absolute_difference.ts";
import { completeBackground } from "../../../plugins/wsss/cams/complete_background.ts";
import { onehotMax } from "../../../plugins/wsss/cams/onehot_max.ts";
import { eachBackend } from "../../backends.ts";
import { randomMaps } from "./numeric.ts";
import { target } from "./references.ts";
import { tensorOf } from "./setup.ts";

eachBackend("onehotMax of a completed background is the target of ecr", async () => {
  const maps = randomMaps("maps", [2, 3, 5, 6], [0, 1]);
  const cam = tensorOf(maps);
  const goal = tf.tidy(() => onehotMax(completeBackground(cam)));
  assertEquals(await goal.data(), Float32Array.from(target(maps).data));
  tf.dispose([cam, goal]);
});

eachBackend("onehotMax keeps the background and every tied class", async () => {
  const cam = tf.tensor4d([9, 0, 0, 0, -1, 2, 1, 2], [1, 1, 2, 4]);
  assertEquals([...await onehotMax(cam).data()], [9, 0, 0, 0, -1, 2, 0, 2]);
});

eachBackend("absoluteDifference has gradient 0 where both are equal", async () => {
  const a = tf.tensor1d([1, 2, 5]), b = tf.tensor1d([2, 2, 2]);
  const [ofA, ofB] = tf.grads((a, b) => absoluteDifference(a!, b!).sum())([a, b]);
  assertEquals([...await ofA!.data()], [-1, 0, 1]);
  assertEquals([...await ofB!.data()].map((v) => v + 0), [1, 0, -1]);
});
