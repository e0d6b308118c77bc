import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../core/contracts/forward_context.ts";
import { pairedAffinity } from "../../../plugins/affinitynet/head/paired_affinity.ts";
import { eachBackend } from "../../backends.ts";
import { assertNear, randomMaps } from "../losses/numeric.ts";
import { tensorOf } from "../losses/setup.ts";
import { makeHead, TINY_AFFINITY, tinyNetwork, trainingPass } from "../heads/setup.ts";

const TAPS = [
  { name: "conv3", channels: 256, stride: 4 },
  { name: "conv4", channels: 512, stride: 8 },
  { name: "conv5", channels: 1024, stride: 8 },
  { name: "conv6", channels: 4096, stride: 8 },
];

Deno.test("the affinity head's defaults are the authors' layers", async () => {
  const { params, outputs } = await makeHead("affinity", {}, { taps: TAPS, classes: 20 });
  assertEquals(params.map(({ name, shape }) => [name, shape]), [
    ["f8_3.weight", [1, 1, 512, 64]],
    ["f8_4.weight", [1, 1, 1024, 128]],
    ["f8_5.weight", [1, 1, 4096, 256]],
    ["f9.weight", [1, 1, 448, 448]],
  ]);
  assert(params.every(({ trainable, pretrained }) => trainable && !pretrained));
  assertEquals(params.map(({ init }) => init.kind), [
    "kaiming-normal",
    "kaiming-normal",
    "kaiming-normal",
    "xavier-uniform",
  ]);
  assertEquals(params[3]?.init, { kind: "xavier-uniform", gain: 4 });
  assertEquals(outputs, ["affinity"]);
});

Deno.test("the affinity head names the taps that would do", async () => {
  await assertRejects(
    () => makeHead("affinity", { low: "conv3" }, { taps: TAPS, classes: 20 }),
    RangeError,
    'Cannot use tap "conv3" as low: its stride is 4',
  );
});

eachBackend("the affinity head compares the joined taps through ELUs", async () => {
  const { backbone, head, params } = await tinyNetwork("affinity", TINY_AFFINITY, 3);
  const image = tensorOf(randomMaps("image", [2, 45, 50, 3]));
  const before = tf.memory().numTensors;
  const { affinity } = tf.tidy(() =>
    head.forward(backbone.forward(image, params, inference), image, params, inference)
  );
  assertEquals(tf.memory().numTensors, before + 1);
  assertEquals(affinity!.shape, [2, 8, 5, 34]);

  const taps = backbone.forward(image, params, inference);
  const layer = (x: tf.Tensor, name: string) => {
    const [input, output] = params.spec(name).shape.slice(2) as [number, number];
    const rows = x.reshape<tf.Tensor2D>([-1, input]);
    const y = tf.matMul(rows, params.get(name).reshape<tf.Tensor2D>([input, output]));
    // ELU, written out.
    const bent = tf.add(tf.relu(y), tf.sub(tf.exp(tf.minimum(y, 0)), 1));
    return bent.reshape<tf.Tensor4D>([2, 12, 13, output]);
  };
  const joined = tf.concat([
    layer(taps["t3"]!, "f8_3.weight"),
    layer(taps["t4"]!, "f8_4.weight"),
    layer(taps["z"]!, "f8_5.weight"),
  ], 3);
  const wanted = pairedAffinity(layer(joined, "f9.weight"), 5);
  assertNear(await affinity!.data(), await wanted.data(), 2e-5, "affinity");
  params.dispose();
});

eachBackend("affinities train head and backbone", async () => {
  const { backbone, head, params } = await tinyNetwork("affinity", TINY_AFFINITY, 3);
  const image = tensorOf(randomMaps("image", [1, 45, 50, 3]));
  const variables = params.trainable().map(({ name }) => params.get(name));
  const { grads } = tf.variableGrads(() => {
    const taps = backbone.forward(image, params, trainingPass(0));
    return head.forward(taps, image, params, trainingPass(0))["affinity"]!.sum() as tf.Scalar;
  }, variables);
  for (const { name } of params.trainable()) {
    const gradient = await grads[params.get(name).name]!.data();
    assert(gradient.some((slope) => slope !== 0) && gradient.every(Number.isFinite), name);
  }
  params.dispose();
});

eachBackend("on small maps the affinity head's radius shrinks", async () => {
  const { backbone, head, params } = await tinyNetwork("affinity", TINY_AFFINITY, 3);
  const shapeOf = (height: number, width: number) => {
    const image = tf.ones<tf.Rank.R4>([1, height, width, 3]);
    const taps = backbone.forward(image, params, inference);
    return head.forward(taps, image, params, inference)["affinity"]!.shape;
  };
  // A map of 10x12: radius 4, 6 + 6 + 5 offsets below and 3 beside.
  assertEquals(shapeOf(40, 48), [1, 7, 6, 3 + 7 + 7 + 5]);
  assertEquals(shapeOf(20, 20), [1, 4, 3, 4]);
  assertEquals(shapeOf(16, 80), [1, 4, 20, 0]);
  params.dispose();
});
