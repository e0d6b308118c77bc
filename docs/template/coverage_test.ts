import type { Loss } from "seamstress";
import {
  checkBackends,
  checkGradient,
  checkMicroBatches,
  checkResume,
  createPlugin,
  miniRun,
  uniform,
} from "seamstress/testing";
import { FIRST_STEP } from "seamstress/wsss";
import * as tf from "@tensorflow/tfjs";
import { coverageLoss } from "./coverage.ts";

const loss: Loss = await createPlugin(coverageLoss, { least: 0.3, most: 0.5 }, undefined);

/** The loss of 2 images of 3 classes. */
function compute({ cam }: { readonly cam: tf.Tensor }): tf.Tensor {
  const label = tf.tensor2d([[1, 0, 1], [0, 1, 0]]);
  return loss.compute({ views: [{ cam: cam as tf.Tensor4D }], targets: { label } }, FIRST_STEP);
}
const cam = uniform([2, 4, 5, 4], [-3, 3]);

/** A training on the embedded world that has it. */
const training = {
  plugins: [coverageLoss],
  train: { losses: ["classification", { use: "coverage", weight: 2 }] },
  recipe: { dataset: { use: "mini", size: 16 } },
};

Deno.test("its gradient is right", async () => {
  await checkGradient(({ cam }) => compute({ cam }), { cam });
});

Deno.test({
  name: "it is the same on every backend",
  // A WebGPU device outlives the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await checkBackends(({ cam }) => compute({ cam }), { cam });
  },
});

Deno.test("micro-batches give the sums of the whole batch", async () => {
  await checkMicroBatches(training);
});

Deno.test("a training that is broken off and resumed ends with the same bits", async () => {
  await checkResume(training);
});

Deno.test("a training with it runs, and scores", async () => {
  await using run = await miniRun(training);
  const costs = run.losses.map(({ coverage }) => coverage!);
  if (!costs.every((cost) => cost >= 0 && cost <= 1)) throw new Error(`It costs ${costs}`);
  if (!(run.scores["score"]!["miou"]! > 0)) throw new Error("Its CAMs score nothing");
});

Deno.test("coverage costs nothing inside of its range", async () => {
  await tf.setBackend("cpu");
  const half = tf.zeros([2, 4, 5, 4]);
  const [value] = await compute({ cam: half }).data();
  if (value !== 0) throw new Error(`It costs ${value}`);
});
