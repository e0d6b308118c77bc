import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { eachBackend } from "../../backends.ts";
import { assertParams, makeParams, registry, settings, update } from "./problem.ts";

// Expected numbers: torch.optim.Adam (PyTorch 1.13, float64), four steps with the gradients of problem.ts.

const use = { use: "adam", beta1: 0.8, beta2: 0.95, epsilon: 1e-6, ...settings };

eachBackend("adam with weight decay, groups and schedule gives PyTorch's numbers", async () => {
  const params = makeParams();
  const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
  update(optimizer, 0, 4);
  await assertParams(
    params,
    [0.642969679093837, -1.0503727532679645, 1.76906225903941],
    [0.3974646827722619, -0.18626744488683675],
  );
  optimizer.dispose();
  params.dispose();
});

eachBackend("adam counts only a parameter's own updates", async () => {
  const params = makeParams();
  const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
  update(optimizer, 0, 4, [0, 2]);
  await assertParams(
    params,
    [0.642969679093837, -1.0503727532679645, 1.76906225903941],
    [0.9627304041262346, -0.6313832065289271],
  );
  optimizer.dispose();
  params.dispose();
});

eachBackend("adam continues from a restored state bit for bit, and leaks nothing", async () => {
  const before = tf.memory().numTensors;
  const straight = makeParams(), resumed = makeParams();
  const a = await registry.create("optimizer", use, { params: straight, totalSteps: 10 });
  update(a, 0, 3, [1]);
  const kept = tf.memory().numTensors;
  assertEquals(Object.keys(a.state()).sort(), ["m/b", "m/w", "t/b", "t/w", "v/b", "v/w"]);
  resumed.load(await straight.toStateDict(), { from: "a" });
  const b = await registry.create("optimizer", use, { params: resumed, totalSteps: 10 });
  b.restore(a.state());
  update(a, 3, 6);
  update(b, 3, 6);
  for (const name of ["w", "b"]) {
    assertEquals(await resumed.get(name).data(), await straight.get(name).data());
  }
  b.dispose();
  assertEquals(tf.memory().numTensors, kept);
  a.dispose();
  straight.dispose();
  resumed.dispose();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("adam refuses a state of another optimizer", async () => {
  await tf.setBackend("cpu");
  const params = makeParams();
  const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
  assertThrows(() => optimizer.restore({}), RangeError, '"m/w" is missing');
  optimizer.dispose();
  params.dispose();
});
