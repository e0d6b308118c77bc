import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { isUserError } from "../../../core/errors.ts";
import { inference } from "../../../core/contracts/forward_context.ts";
import { eachBackend } from "../../backends.ts";
import { randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeHead, TINY_SEAM, tinyNetwork, trainingPass } from "./setup.ts";

const TAPS = [
  { name: "conv3", channels: 256, stride: 4 },
  { name: "conv4", channels: 512, stride: 8 },
  { name: "conv5", channels: 1024, stride: 8 },
  { name: "conv6", channels: 4096, stride: 8 },
];

Deno.test("the seam head's defaults are the authors' layers", async () => {
  const { params, outputs } = await makeHead("seam", {}, { taps: TAPS, classes: 20 });
  assertEquals(params.map(({ name, shape }) => [name, shape]), [
    ["fc8.weight", [1, 1, 4096, 21]],
    ["f8_3.weight", [1, 1, 512, 64]],
    ["f8_4.weight", [1, 1, 1024, 128]],
    ["f9.weight", [1, 1, 195, 192]],
  ]);
  assert(params.every(({ trainable, pretrained }) => trainable && !pretrained));
  assertEquals(params.map(({ init }) => init.kind), [
    "xavier-uniform",
    "kaiming-normal",
    "kaiming-normal",
    "xavier-uniform",
  ]);
  assertEquals(params[3]?.init, { kind: "xavier-uniform", gain: 4 });
  assertEquals(outputs, ["cam", "cam_rv"]);
});

Deno.test("the seam head names the taps that would do", async () => {
  const args = { taps: TAPS, classes: 20 };
  const unknown = await assertRejects(
    () => makeHead("seam", { low: "conv7" }, args),
    RangeError,
    'Cannot use tap "conv7" as low: the backbone has no such tap',
  );
  assert(isUserError(unknown));
  assert(unknown.message.endsWith("valid: conv4, conv5, conv6"));
  await assertRejects(
    () => makeHead("seam", { mid: "conv3" }, args),
    RangeError,
    "its stride is 4, the classifier's tap has 8",
  );
});

eachBackend("the seam head gives maps of the input's size", async () => {
  const { backbone, head, params } = await tinyNetwork("seam", TINY_SEAM, 5);
  const image = tensorOf(randomMaps("image", [2, 21, 30, 3]));
  const before = tf.memory().numTensors;
  const outputs = tf.tidy(() =>
    head.forward(backbone.forward(image, params, inference), image, params, inference)
  );
  assertEquals(Object.keys(outputs).sort(), ["cam", "cam_rv"]);
  for (const output of Object.values(outputs)) {
    assertEquals(output.shape, [2, 21, 30, 6]);
    assert(Number.isFinite((await output.sum().data())[0]));
  }
  tf.dispose(outputs);
  assertEquals(tf.memory().numTensors, before + 2, "the sums of this test and nothing else");
  tf.dispose(image);
  params.dispose();
});

eachBackend("cam_rv trains f8_3, f8_4 and f9 only, cam all but these", async () => {
  const { backbone, head, params } = await tinyNetwork("seam", TINY_SEAM, 3);
  const image = tensorOf(randomMaps("image", [1, 16, 16, 3]));
  const variables = params.trainable().map(({ name }) => params.get(name));
  const reached = (output: string) => {
    const { grads, value } = tf.variableGrads(() => {
      const taps = backbone.forward(image, params, trainingPass(0));
      return head.forward(taps, image, params, trainingPass(0))[output]!.sum() as tf.Scalar;
    }, variables);
    const names = params.trainable().map(({ name }) => name)
      .filter((name) => grads[params.get(name).name] !== undefined);
    tf.dispose([grads, value]);
    return names;
  };
  const pcm = ["f8_3.weight", "f8_4.weight", "f9.weight"];
  assertEquals(reached("cam_rv"), pcm);
  const all = params.trainable().map(({ name }) => name);
  assertEquals(reached("cam"), all.filter((name) => !pcm.includes(name)));
  tf.dispose(image);
  params.dispose();
});

eachBackend("the image's scale reaches cam_rv and leaves cam alone", async () => {
  const image = tensorOf(randomMaps("image", [1, 16, 16, 3]));
  const run = async (imageScale: number) => {
    const { backbone, head, params } = await tinyNetwork("seam", { ...TINY_SEAM, imageScale }, 3);
    const taps = backbone.forward(image, params, inference);
    const { cam, cam_rv } = head.forward(taps, image, params, inference);
    return { cam: await cam!.data(), revised: await cam_rv!.data() };
  };
  const [one, four] = [await run(1), await run(4)];
  assertEquals(one.cam, four.cam);
  assertNotEquals(one.revised, four.revised);
});
