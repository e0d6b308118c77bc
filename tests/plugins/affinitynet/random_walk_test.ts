import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { StageContext } from "../../../core/contracts/stage.ts";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { ParamStore } from "../../../plugins/wsss/parameters/param_store.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { Rng } from "../../../core/rng.ts";
import type { Raster } from "../../../core/data/sample.ts";
import { encodeSafetensors } from "../../../plugins/formats/safetensors.ts";
import { loadModel } from "../../../plugins/wsss/inference/loaded_model.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import { tiny } from "../../../plugins/backbones/tiny.ts";
import { affinityHead } from "../../../plugins/affinitynet/head.ts";
import { camHead } from "../../../plugins/heads/cam.ts";
import { inferAffinity } from "../../../plugins/affinitynet/head/infer.ts";
import { randomWalkRefinement } from "../../../plugins/affinitynet/random_walk.ts";
import { randomWalk } from "../../../plugins/affinitynet/random_walk/walk.ts";
import { imageBatch } from "../../../plugins/wsss/inference/image_batch.ts";
import { eachBackend } from "../../backends.ts";

const registry = new Registry([tiny, affinityHead, camHead, randomWalkRefinement]);
const HEAD = { use: "affinity", low: "t3", mid: "t4", lowChannels: 4, midChannels: 4 };

/** A context with a network of random weights, and its folder, gone at the end. */
async function withNetwork(head: typeof HEAD | { use: "cam" }, fn: (c: StageContext) => unknown) {
  const folder = await Deno.makeTempDir();
  try {
    const backbone = await registry.create("backbone", { use: "tiny" }, undefined);
    const made = await registry.create("head", head, { taps: backbone.taps, classes: 2 });
    const params = ParamStore.create([...backbone.params, ...made.params], Rng.of(1));
    await writeAtomic(`${folder}/w.safetensors`, encodeSafetensors(await params.toStateDict()));
    params.dispose();
    const info = { weights: "w.safetensors", backbone: { use: "tiny" }, head, classes: ["a", "b"] };
    const artifact = () => ({ kind: "checkpoint", folder, info });
    // All that a refinement reads of it.
    await fn({ id: "walked", factory: registry, artifact } as unknown as StageContext);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function randomImage(width: number, height: number): Raster {
  const rng = Rng.of(2, width, height);
  const data = Uint8Array.from({ length: width * height * 3 }, () => rng.integer(256));
  return { width, height, channels: 3, data };
}

function randomScores(width: number, height: number, channels: number) {
  const rng = Rng.of(3, width, height);
  const data = Float32Array.from({ length: channels * width * height }, () => rng.float());
  return { width, height, channels, data };
}

const walk = (options: Record<string, unknown> = {}) =>
  registry.create("refinement", { use: "random-walk", from: "aff", ...options }, undefined);

eachBackend("random-walk walks along the network's affinities, images side by side", async () => {
  await withNetwork(HEAD, async (context) => {
    const held = tf.memory().numTensors;
    const refinement = await walk({ beta: 4, logt: 2 });
    await refinement.open?.(context);
    const sizes = [[45, 46], [30, 61], [64, 17]] as const;
    const refined = await Promise.all(
      sizes.map(([w, h]) => refinement.refine(randomScores(w, h, 3), randomImage(w, h))),
    );
    refinement.close?.();
    assertEquals(tf.memory().numTensors, held);
    using network = await loadModel(registry, context.artifact("aff", ARTIFACTS.checkpoint));
    for (const [i, [w, h]] of sizes.entries()) {
      const image = imageBatch(randomImage(w, h), [false], network.model.backbone.input);
      const affinity = await inferAffinity(network.model, image).finally(() => image.dispose());
      const wanted = randomWalk(randomScores(w, h, 3), affinity, { beta: 4, logt: 2, stride: 4 });
      assertEquals(refined[i], wanted);
    }
  });
});

eachBackend(
  "images smaller than the radius, and the background alone, are walked on too",
  async () => {
    await withNetwork(HEAD, async (context) => {
      const refinement = await walk();
      await refinement.open?.(context);
      for (const [w, h, channels] of [[1, 1, 2], [3, 7, 2], [9, 40, 1]] as const) {
        const scores = randomScores(w, h, channels);
        const { data, ...size } = await refinement.refine(scores, randomImage(w, h));
        assertEquals(size, { width: w, height: h, channels });
        assert(data.every((score) => score >= 0 && score <= 1));
      }
      refinement.close?.();
    });
  },
);

eachBackend("a broken image fails alone, and a network of another head at once", async () => {
  await withNetwork(HEAD, async (context) => {
    const refinement = await walk();
    await refinement.open?.(context);
    const scores = randomScores(20, 20, 2);
    scores.data[5] = NaN;
    const bad = refinement.refine(scores, randomImage(20, 20));
    const good = refinement.refine(randomScores(20, 20, 2), randomImage(20, 20));
    await assertRejects(() => bad, RangeError, "that of class 0 at x 5, y 0 is NaN");
    assertEquals((await good).channels, 2);
    refinement.close?.();
    await assertRejects(() => refinement.refine(scores, randomImage(20, 20)), Error, "not loaded");
  });
  await withNetwork({ use: "cam" }, async (context) => {
    const held = tf.memory().numTensors;
    const refinement = await walk();
    await assertRejects(
      () => refinement.open!(context),
      TypeError,
      'Cannot run stage walked: a random walk reads the output affinity, the head of stage "aff" gives cam',
    );
    assertEquals(tf.memory().numTensors, held);
  });
});
