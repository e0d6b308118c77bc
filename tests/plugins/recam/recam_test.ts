import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { checkGradient, checkMicroBatches, createPlugin, uniform } from "seamstress/testing";
import { FIRST_STEP, multiScaleCam } from "seamstress/wsss";
import { inference } from "../../../core/contracts/forward_context.ts";
import { Rng } from "../../../core/rng.ts";
import { tiny } from "../../../plugins/backbones/tiny.ts";
import { recamHead } from "../../../plugins/recam/head.ts";
import { recamLoss } from "../../../plugins/recam/loss.ts";
import { imageBatch } from "../../../plugins/wsss/inference/image_batch.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { eachBackend } from "../../backends.ts";
import { assertRefused, type Refused, shortTraining } from "../../short_training.ts";
import { assertSameWhenStopped } from "../../same_when_stopped.ts";

/** Four steps of four micro-batches. */
const RECIPE = shortTraining({
  name: "recam",
  head: "recam",
  method: "classification-cam",
  losses: "[{ use: classification, output: cam_map }, recam]",
  optimizer: "{ use: sgd, lr: 0.01, momentum: 0.9, groups: [{ match: [recam.*], lr: 10 }] }",
});

/** With the head that has none of what loss recam needs. */
const OTHER_HEAD = shortTraining({
  name: "recam",
  head: "cam",
  method: "classification-cam",
  losses: "[classification, recam]",
});

Deno.test("ReCAM: stopped, resumed and shared among ranks, the same bits", async () => {
  await assertSameWhenStopped(RECIPE);
});

eachBackend("ReCAM: micro-batches of any size give the same gradients", async (backend) => {
  const { compared } = await checkMicroBatches({
    recipe: { backend, dataset: { use: "mini", size: 16 } },
    train: {
      head: "recam",
      method: "classification-cam",
      losses: [{ use: "classification", output: "cam_map" }, "recam"],
    },
    steps: 1,
  });
  assert(compared.includes("gradient of recam.weight in step 1"), compared.join());
});

const makeLoss = () => createPlugin(recamLoss, {}, undefined);
const LABEL = [[1, 0, 1], [0, 1, 0], [0, 0, 0]];

Deno.test("ReCAM's loss is the mean cross-entropy of each image's classes, then of all images", async () => {
  const loss = await makeLoss();
  const logits = uniform([3, 1, 3, 3], [-4, 4], "logits");
  const compute = (class_logits: tf.Tensor) =>
    loss.compute({
      targets: { label: tf.tensor2d(LABEL) },
      views: [{ class_logits: class_logits as tf.Tensor4D }],
    }, FIRST_STEP);
  const entropy = (image: number, c: number) => {
    const row = [...logits.data].slice(9 * image + 3 * c, 9 * image + 3 * c + 3);
    return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[c]!;
  };
  const { differences } = await checkGradient(({ logits }) => compute(logits), { logits });
  assertEquals(Object.keys(differences), ["logits"]);
  const value = tf.tidy(() => compute(tf.tensor([...logits.data], [3, 1, 3, 3])));
  const wanted = ((entropy(0, 0) + entropy(0, 2)) / 2 + entropy(1, 1)) / 3;
  assertAlmostEquals((await value.data())[0]!, wanted, 1e-6);
  value.dispose();
});

async function tinyRecam(): Promise<Model> {
  const backbone = await createPlugin(tiny, {}, undefined);
  const args = { taps: backbone.taps, classes: 3 };
  const head = await createPlugin(recamHead, {}, args);
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(3));
  return new Model(backbone, head, params);
}

eachBackend("ReCAM starts its second classifier as PyTorch does a Conv2d", async () => {
  const model = await tinyRecam();
  const weight = model.params.get("recam.weight");
  const [, , depth, classes] = weight.shape as [number, number, number, number];
  assertEquals(classes, 3);
  const largest = Math.max(...(await weight.data()).map(Math.abs));
  const bound = 1 / Math.sqrt(depth);
  assert(largest <= bound && largest > 0.95 * bound, `${largest} of ${bound}`);
  model.params.dispose();
});

eachBackend(
  "infer of output recam is make_recam: the classifiers' product, by its maximum",
  async () => {
    const model = await tinyRecam();
    const rng = Rng.of(5);
    const data = Uint8Array.from({ length: 20 * 28 * 3 }, () => rng.integer(256));
    const image = { width: 28, height: 20, channels: 3 as const, data };
    const { cams: { maps } } = await multiScaleCam(model, image, Float32Array.of(0, 1, 1), {
      scales: [1],
      flip: false,
      output: "recam",
      normalize: "max",
      scoresFrom: "cam",
    });
    assertEquals([...maps.keys()], [1, 2]);
    const wanted = tf.tidy(() => {
      const input = imageBatch(image, [false], model.backbone.input);
      const { z } = model.backbone.forward(input, model.params, inference);
      const first = tf.squeeze(model.params.get("fc8.weight"), [0, 1]);
      const second = tf.squeeze(model.params.get("recam.weight"), [0, 1]);
      const product = tf.mul(tf.slice(first, [0, 1]), second);
      const [, height, width, depth] = z!.shape;
      const scores = tf.matMul(z!.reshape([height * width, depth!]), product as tf.Tensor2D);
      const map = tf.relu(scores).reshape([1, height, width, 3]) as tf.Tensor4D;
      const large = tf.image.resizeBilinear(map, [20, 28], false, true);
      return tf.div(large, tf.add(tf.max(large, [1, 2], true), 1e-5));
    });
    const values = await wanted.data();
    for (const [c, map] of maps) {
      map.forEach((value, i) => assertAlmostEquals(value, values[3 * i + c]!, 1e-4));
    }
    wanted.dispose();
    model.params.dispose();
  },
);

const REFUSED: readonly Refused[] = [
  ["head: recam", "head: { use: recam, dropout: 0.5 }", '"dropout"'],
  ["output: cam_map }, recam]", "output: cam_map }, { use: recam, mean: batch }]", '"mean"'],
];

Deno.test("ReCAM: unknown options and another head are refused by name", async () => {
  await assertRefused(RECIPE, REFUSED);
  await assertRefused(OTHER_HEAD, [["", "", "needs class_logits"]]);
});
