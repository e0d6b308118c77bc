import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { Model } from "../../../../plugins/wsss/training/model.ts";
import { inference } from "../../../../core/contracts/forward_context.ts";
import { inferAffinity, pairRows } from "../../../../plugins/affinitynet/head/infer.ts";
import { pixelPairs } from "../../../../plugins/wsss/pairs/pairs.ts";
import { randomWalk } from "../../../../plugins/affinitynet/random_walk/walk.ts";
import { eachBackend } from "../../../backends.ts";
import { randomMaps } from "../../losses/numeric.ts";
import { tensorOf } from "../../losses/setup.ts";
import { TINY_AFFINITY, tinyNetwork } from "../../heads/setup.ts";

async function tinyModel(): Promise<Model> {
  const { backbone, head, params } = await tinyNetwork("affinity", TINY_AFFINITY, 3);
  return new Model(backbone, head, params);
}

eachBackend("inferAffinity() pads below and to the right with zeros", async () => {
  const model = await tinyModel();
  const image = tensorOf(randomMaps("photo", [1, 45, 50, 3]));
  const before = tf.memory().numTensors;
  const affinity = await inferAffinity(model, image);
  assertEquals(tf.memory().numTensors, before, "tensors were left behind");
  assertEquals([affinity.height, affinity.width], [12, 13]);
  assertEquals(affinity.data.length, pixelPairs(12, 13, 5).to.length);
  const padded = tf.pad(image, [[0, 0], [0, 3], [0, 2], [0, 0]]);
  const direct = model.forward(padded, inference)["affinity"]!;
  assertEquals(affinity.data, await pairRows(direct));
  model.params.dispose();
});

eachBackend(
  "what inferAffinity() gives can be walked along, whatever the image's size",
  async () => {
    const model = await tinyModel();
    for (const [height, width] of [[1, 1], [9, 30], [16, 21], [33, 27]] as const) {
      const image = tensorOf(randomMaps("photo", [1, height, width, 3]));
      const affinity = await inferAffinity(model, image);
      const scores = {
        channels: 2,
        height,
        width,
        data: new Float32Array(2 * height * width).fill(1),
      };
      const walked = randomWalk(scores, affinity, { beta: 8, logt: 3, stride: 4 });
      assertEquals([walked.height, walked.width], [height, width]);
    }
    model.params.dispose();
  },
);

eachBackend("pairRows() lays pairs out offset by offset", async () => {
  const pairs = tf.tensor4d([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [1, 2, 2, 3]);
  assertEquals([...await pairRows(pairs)], [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]);
});
