import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, build, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { tinyNetwork, trainingPass } from "./setup.ts";

eachBackend("the cam head classifies every position of the last tap", async () => {
  const { head, params } = await tinyNetwork("cam", {}, 2);
  assertEquals(head.outputs, ["cam"]);
  const features = randomMaps("z", [2, 3, 5, 64]);
  const weight = (await params.toStateDict()).get("fc8.weight")!.data as Float32Array;
  const wanted = build([2, 3, 5, 3], (n, pixel, c) => {
    const start = (n * 15 + pixel) * 64;
    return features.data.subarray(start, start + 64)
      .reduce((sum, value, i) => sum + value * weight[c * 64 + i]!, 0);
  });
  const z = tensorOf(features), image = tf.zeros<tf.Rank.R4>([2, 3, 5, 3]);
  const before = tf.memory().numTensors;
  const { cam } = head.forward({ z }, image, params, inference);
  assertNear(await cam!.data<"float32">(), wanted.data, 1e-5, "cam");
  tf.dispose(cam!);
  assertEquals(tf.memory().numTensors, before);
  params.dispose();
});

eachBackend("the cam head resizes to the input with aligned corners", async () => {
  const { head, params } = await tinyNetwork("cam", {}, 1);
  const z = tensorOf(randomMaps("z", [1, 2, 2, 64]));
  const small = head.forward({ z }, tf.zeros([1, 2, 2, 3]), params, inference)["cam"]!;
  const large = head.forward({ z }, tf.zeros([1, 5, 9, 3]), params, inference)["cam"]!;
  assertEquals(large.shape, [1, 5, 9, 2]);
  const corners = tf.gather(tf.gather(large, [0, 4], 1), [0, 8], 2);
  assertNear(await corners.data<"float32">(), await small.data<"float32">(), 1e-6, "corners");
});

eachBackend("the cam head drops channels in training only", async () => {
  const { head, params } = await tinyNetwork("cam", { dropout: 0.5 }, 2);
  const z = tensorOf(randomMaps("z", [1, 2, 2, 64])), image = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);
  const run = async (context: Parameters<typeof head.forward>[3]) =>
    await head.forward({ z }, image, params, context)["cam"]!.data();
  assertEquals(await run(trainingPass(0)), await run(trainingPass(0)));
  assertNotEquals(await run(trainingPass(0)), await run(trainingPass(1)));
  assertNotEquals(await run(trainingPass(0)), await run(inference));
});
