import { assertEquals } from "@std/assert";
import { createPlugin } from "seamstress/testing";
import * as tf from "@tensorflow/tfjs";
import { Rng } from "../../../core/rng.ts";
import { vit } from "../../../plugins/backbones/vit.ts";
import { tocoHead } from "../../../plugins/toco/head.ts";
import { trainingCams } from "../../../plugins/toco/training_cams.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Model } from "../../../plugins/wsss/training/model.ts";
import { eachBackend } from "../../backends.ts";
import { TRAIN } from "./setup.ts";

const CLASSES = 2;

async function makeModel(): Promise<Model> {
  const { use: _, ...ofBackbone } = TRAIN.backbone, { use: __, ...ofHead } = TRAIN.head;
  const backbone = await createPlugin(vit, ofBackbone, { classes: CLASSES });
  const { taps } = backbone;
  const head = await createPlugin(tocoHead, ofHead, { taps, classes: CLASSES });
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(0));
  return new Model(backbone, head, params);
}

eachBackend("CAMs that a training learns from keep nothing for its backward pass", async () => {
  const model = await makeModel();
  const image = tf.randomNormal<tf.Rank.R4>([2, 32, 32, 3], 0, 1, "float32", 0);
  const label = tf.tensor2d([[1, 0], [1, 1]]);
  let more = 0;
  const { grads, value } = tf.variableGrads(() => {
    const before = tf.memory().numTensors;
    const { cam, auxiliary } = trainingCams(model, image, label, [1, 0.5]);
    more = tf.memory().numTensors - before;
    assertEquals(cam.shape, [2, 32, 32, CLASSES]);
    assertEquals(auxiliary.shape, cam.shape);
    const weight = model.params.get("classifier.weight");
    return tf.sum(tf.mul(weight, tf.sum(cam))).asScalar();
  });
  assertEquals(more, 2);
  tf.dispose([grads, value, image, label]);
  model.params.dispose();
});
