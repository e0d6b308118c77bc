import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { chain } from "../../../plugins/wsss/optimizers/chain.ts";
import { clipByNorm, clipGradients, withClipping } from "../../../plugins/wsss/optimizers/clip.ts";
import { groupParams } from "../../../plugins/wsss/optimizers/groups.ts";
import { learningRate } from "../../../plugins/wsss/optimizers/learning_rate.ts";
import { momentumUpdate } from "../../../plugins/wsss/optimizers/momentum.ts";
import { l2Penalty } from "../../../plugins/wsss/optimizers/weight_decay.ts";
import { makeParams, registry, update } from "./problem.ts";
import { eachBackend } from "../../backends.ts";

const a = [1.5, -2, 0.5], b = [3, -0.25];

eachBackend("clipByNorm() gives clip_grad_norm_'s numbers and leaks nothing", () => {
  const gradients = { a: tf.tensor1d(a), b: tf.tensor1d(b) };
  const before = tf.memory().numTensors;
  const clipped = clipByNorm(gradients, 1.5, ["*"]);
  assertEquals(tf.memory().numTensors, before + 2);
  // torch.nn.utils.clip_grad_norm_, PyTorch 1.13, float64; the norm is 3.944933459514875.
  const wanted = {
    a: [0.5703516808937534, -0.760468907858338, 0.1901172269645845],
    b: [1.1407033617875069, -0.09505861348229225],
  };
  return check(clipped, wanted, gradients);
});

eachBackend("clipByNorm() changes nothing below the bound", () => {
  const gradients = { a: tf.tensor1d(a), b: tf.tensor1d(b) };
  return check(clipByNorm(gradients, 4, ["*"]), { a, b }, gradients);
});

eachBackend("clipByNorm() counts and scales matching gradients only", () => {
  const gradients = { a: tf.tensor1d(a), b: tf.tensor1d(b) };
  const norm = Math.hypot(...b);
  const clipped = clipByNorm(gradients, 1, ["b*"]);
  return check(clipped, { a, b: b.map((value) => value / (norm + 1e-6)) }, gradients);
});

eachBackend("clipByNorm() keeps zero gradients and an empty match", async () => {
  const zero = { w: tf.zeros([3]) };
  await check(clipByNorm(zero, 1, ["*"]), { w: [0, 0, 0] }, zero);
  const gradients = { a: tf.tensor1d(a), b: tf.tensor1d(b) };
  await check(clipByNorm(gradients, 1, ["none"]), { a, b }, gradients);
});

Deno.test("a chain that clips gives what clipping before it gives", async () => {
  await tf.setBackend("cpu");
  const clipping = { norm: 0.5, match: ["w"] };
  const wrapped = makeParams(), linked = makeParams();
  const groups = groupParams(linked, { weightDecay: 0.05, groups: [] });
  const schedule = { factor: () => 1 };
  const outer = withClipping(
    await registry.create("optimizer", { use: "sgd", lr: 0.1, weightDecay: 0.05 }, {
      params: wrapped,
      totalSteps: 10,
    }),
    clipping,
    wrapped,
  );
  const inner = chain(groups, schedule, [
    clipGradients(clipping),
    learningRate(0.1, schedule, 10),
    l2Penalty(),
    momentumUpdate(groups.params, 0),
  ]);
  const before = tf.memory().numTensors;
  update(outer, 0, 3);
  update(inner, 0, 3);
  assertEquals(tf.memory().numTensors, before);
  for (const name of ["w", "b"]) {
    assertEquals(await wrapped.get(name).data(), await linked.get(name).data());
  }
  outer.dispose();
  inner.dispose();
  wrapped.dispose();
  linked.dispose();
});

type Named = Record<string, tf.Tensor>;

async function check(
  clipped: Named,
  wanted: Record<string, readonly number[]>,
  gradients: Named,
): Promise<void> {
  // What was given may be disposed without harm to what was made.
  tf.dispose(gradients);
  for (const [name, values] of Object.entries(wanted)) {
    const found = [...await clipped[name]!.data()];
    found.forEach((value, i) => assertAlmostEquals(value, values[i]!, 1e-6));
  }
  tf.dispose(clipped);
}
