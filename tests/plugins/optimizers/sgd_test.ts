import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { eachBackend } from "../../backends.ts";
import { assertParams, makeParams, registry, settings, update } from "./problem.ts";

// Expected numbers: torch.optim.SGD (PyTorch 1.13, float64), four steps with the gradients of problem.ts.

eachBackend(
  "sgd with momentum, weight decay, groups and schedule gives PyTorch's numbers",
  async () => {
    const params = makeParams();
    const use = { use: "sgd", momentum: 0.9, ...settings };
    const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
    update(optimizer, 0, 4);
    await assertParams(
      params,
      [0.7252804782714253, -1.0736975945672351, 1.536057908943765],
      [0.2683307352150287, 0.02190191105545933],
    );
    optimizer.dispose();
    params.dispose();
  },
);

eachBackend(
  "sgd with Nesterov's momentum gives PyTorch's numbers, and goes on from its state",
  async () => {
    const before = tf.memory().numTensors;
    const use = { use: "sgd", momentum: 0.9, nesterov: true, ...settings };
    const params = makeParams();
    const first = await registry.create("optimizer", use, { params, totalSteps: 10 });
    update(first, 0, 2);
    const second = await registry.create("optimizer", use, { params, totalSteps: 10 });
    second.restore(first.state());
    first.dispose();
    update(second, 2, 4);
    await assertParams(
      params,
      [0.7188807147677413, -1.024254823047173, 1.3957322837159787],
      [0.06666699044224648, 0.255538902574317],
    );
    second.dispose();
    params.dispose();
    assertEquals(tf.memory().numTensors, before);
  },
);

Deno.test("sgd refuses Nesterov's momentum without momentum", async () => {
  const params = makeParams();
  const use = { use: "sgd", nesterov: true, ...settings };
  await assertRejects(
    () => registry.create("optimizer", use, { params, totalSteps: 10 }),
    Error,
    "nesterov needs momentum > 0",
  );
  params.dispose();
});

eachBackend("sgd leaves a parameter without a gradient alone, its momentum too", async () => {
  const params = makeParams();
  const use = { use: "sgd", momentum: 0.9, ...settings };
  const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
  update(optimizer, 0, 4, [0, 2]);
  await assertParams(
    params,
    [0.7252804782714253, -1.0736975945672351, 1.536057908943765],
    [0.869969971485785, -0.5530068340146641],
  );
  optimizer.dispose();
  params.dispose();
});

eachBackend("sgd without momentum keeps no state and gives PyTorch's numbers", async () => {
  const params = makeParams();
  const use = { use: "sgd", ...settings };
  const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
  assertEquals(optimizer.state(), {});
  update(optimizer, 0, 4);
  await assertParams(
    params,
    [0.5198467445598589, -1.1813006486684627, 1.8082451656748708],
    [0.5001693287487207, -0.21417281737559646],
  );
  optimizer.dispose();
  params.dispose();
});

eachBackend("sgd continues from a restored state bit for bit, and leaks nothing", async () => {
  const before = tf.memory().numTensors;
  const use = { use: "sgd", momentum: 0.9, ...settings };
  const straight = makeParams(), resumed = makeParams();
  const a = await registry.create("optimizer", use, { params: straight, totalSteps: 10 });
  update(a, 0, 2);
  const kept = tf.memory().numTensors;
  assertEquals(Object.keys(a.state()).sort(), ["momentum/b", "momentum/w"]);
  resumed.load(await straight.toStateDict(), { from: "a" });
  const b = await registry.create("optimizer", use, { params: resumed, totalSteps: 10 });
  b.restore(a.state());
  update(a, 2, 5);
  update(b, 2, 5);
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

Deno.test("sgd refuses a state with a missing or mis-shaped entry", async () => {
  await tf.setBackend("cpu");
  const params = makeParams();
  const use = { use: "sgd", momentum: 0.9, ...settings };
  const optimizer = await registry.create("optimizer", use, { params, totalSteps: 10 });
  assertThrows(() => optimizer.restore({}), RangeError, '"momentum/w" is missing');
  const wrong = { "momentum/w": tf.zeros([4]), "momentum/b": tf.zeros([2]) };
  assertThrows(() => optimizer.restore(wrong), RangeError, '"momentum/w" is [4], [3]');
  tf.dispose(wrong);
  optimizer.dispose();
  params.dispose();
});

Deno.test("sgd's rates are those of each group, then of what none matches", async () => {
  await tf.setBackend("cpu");
  const params = makeParams();
  const optimizer = await registry.create(
    "optimizer",
    { use: "sgd", ...settings, groups: [{ match: ["b"], lr: 20 }, { pretrained: true, lr: 7 }] },
    { params, totalSteps: 10 },
  );
  const [first, rest, none] = optimizer.rates(5);
  assertAlmostEquals(first!, 0.1 * 20 * 0.5 ** 0.9, 1e-12);
  assertAlmostEquals(rest!, 0.1 * 0.5 ** 0.9, 1e-12);
  assert(none === undefined, "a group without parameters has no rate");
  optimizer.dispose();
  params.dispose();
});
