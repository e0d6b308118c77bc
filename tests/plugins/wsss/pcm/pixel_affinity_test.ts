import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { inference } from "../../../../core/contracts/forward_context.ts";
import { Registry } from "../../../../core/registry/registry.ts";
import { Rng } from "../../../../core/rng.ts";
import { tiny } from "../../../../plugins/backbones/tiny.ts";
import { camHead } from "../../../../plugins/heads/cam.ts";
import { seamHead } from "../../../../plugins/heads/seam.ts";
import { ppcHead } from "../../../../plugins/ppc/head.ts";
import { imageBatch } from "../../../../plugins/wsss/inference/image_batch.ts";
import { ParamStore } from "../../../../plugins/wsss/parameters/param_store.ts";
import { pixelCorrelation } from "../../../../plugins/wsss/pcm/pcm.ts";
import {
  comparesPixels,
  pixelAffinity,
  pixelVectors,
} from "../../../../plugins/wsss/pcm/pixel_affinity.ts";
import { Model } from "../../../../plugins/wsss/training/model.ts";
import { eachBackend } from "../../../backends.ts";

const registry = new Registry([tiny, seamHead, ppcHead, camHead]);
const TAPS = { low: "t3", mid: "t4", lowChannels: 4, midChannels: 8 };

async function modelOf(use: string): Promise<Model> {
  const backbone = await registry.create("backbone", { use: "tiny", width: 4 }, { classes: 2 });
  const head = await registry.create(
    "head",
    use === "cam" ? { use } : { use, ...TAPS },
    { taps: backbone.taps, classes: 2 },
  );
  const params = ParamStore.create([...backbone.params, ...head.params], Rng.of(1));
  return new Model(backbone, head, params);
}

const rng = Rng.of(2);
const image = {
  width: 20,
  height: 12,
  channels: 3,
  data: Uint8Array.from({ length: 20 * 12 * 3 }, () => rng.integer(256)),
};

for (const use of ["seam", "ppc"]) {
  eachBackend(`the affinities of ${use}'s pixels revise a CAM as its PCM does`, async () => {
    const model = await modelOf(use), { head } = model;
    assert(comparesPixels(head));
    using vectors = pixelVectors(model, image);
    const { width, height } = vectors;
    assertEquals([width, height], [5, 3]);
    const rows = [];
    for (let pixel = 0; pixel < 15; pixel++) rows.push(await pixelAffinity(vectors, pixel));
    rows.forEach((row, pixel) => assertAlmostEquals(row[pixel]!, 1, 1e-4));
    // cam_rv_j = Σ_i cam_i A_ij / (Σ_i A_ij + 1e-5), eq. 9.
    const scores = Float32Array.from({ length: 15 }, (_, i) => i / 15);
    const wanted = rows.map((row) => {
      const sum = row.reduce((sum, value) => sum + value, 0);
      return row.reduce((sum, value, i) => sum + value * scores[i]!, 0) / (sum + 1e-5);
    });
    const revised = tf.tidy(() => {
      const input = imageBatch(image, [false], model.backbone.input);
      const features = head.pixelFeatures(model.taps(input, inference), input, model.params);
      return pixelCorrelation(tf.tensor4d(scores, [1, 3, 5, 1]), features);
    });
    const found = await revised.data();
    wanted.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-4));
    revised.dispose();
    await assertRejects(() => pixelAffinity(vectors, 15), RangeError, "its pixels are 0 to 14");
  });
}

eachBackend("a head without a PCM compares no pixels", async () => {
  const model = await modelOf("cam");
  assert(!comparesPixels(model.head));
  assertThrows(() => pixelVectors(model, image), TypeError, "the head gives cam");
});
