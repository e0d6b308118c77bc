import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { defineOp, floatsAt, like, offsetOf } from "seamstress/ops";
import { type BackendsOptions, checkBackends, uniform } from "seamstress/testing";
import * as tf from "@tensorflow/tfjs";
import { presentBackends } from "../../backends.ts";
import { withGpu } from "../../with_gpu.ts";

/** x², with a kernel of its own on wasm that multiplies by a factor besides. */
const squareOn = (name: string, factor: number) =>
  defineOp({
    name,
    summary: "a square",
    inputs: { x: "[N,C]" },
    output: "[N,C]",
    shape: ({ x }) => like(x),
    wasm: ({ x }, _attributes, { backend }) => {
      const y = backend.makeOutput(x.shape, "float32"), size = tf.util.sizeFromShape(x.shape);
      const values = floatsAt(backend, offsetOf(backend, x), size);
      floatsAt(backend, offsetOf(backend, y), size).set(values.map((v) => factor * v * v));
      return y;
    },
    compose: ({ x }) => tf.square(x),
    gradient: {
      saves: ["x"],
      towards: (dy, { x }) => ({ x: () => tf.mul(dy, tf.mul(2, x)) }),
    },
  });

const device = { sanitizeOps: false, sanitizeResources: false };

Deno.test({
  name: "values and gradients are compared on every backend of this machine",
  ...device,
  fn: async () => {
    const said: string[] = [];
    const { differences, missing } = await checkBackends(
      ({ x }) => tf.softmax(tf.mul(x, 3)),
      { x: uniform([4, 5]) },
      { warn: (text) => said.push(text) },
    );
    assertEquals(Object.keys(differences), presentBackends.toSorted());
    assertEquals(said.length, 3 - presentBackends.length);
    assertEquals(Object.keys(missing).length, said.length);
    // A comparison of float64 with itself would be 0.
    for (const difference of Object.values(differences)) {
      assert(difference > 1e-9 && difference < 1e-5, JSON.stringify(differences));
    }
  },
});

Deno.test("a kernel that computes something else than its composition is found", async () => {
  const right = squareOn("TestedSquare", 1), wrong = squareOn("TestedSquareWrong", 1.001);
  const x = uniform([3, 4]);
  const check = (op: typeof right) =>
    checkBackends(({ x }) => op.run({ x: x as tf.Tensor2D }, {}), { x }, {
      plugins: [op],
      backends: ["cpu", "wasm"],
    });
  assert((await check(right)).differences.wasm! < 1e-6);
  await assertRejects(() => check(wrong), Error, "On wasm the result is off by 1.0e-3");
});

Deno.test("a gradient that differs on a backend, or is missing there, is found", async () => {
  const x = uniform([3]);
  const only = { backends: ["cpu", "wasm"] } as const;
  const differs = tf.customGrad((x) => ({
    value: tf.square(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor | tf.Tensor[]) =>
      tf.mul(dy as tf.Tensor, tf.mul(tf.getBackend() === "wasm" ? 2.1 : 2, x as tf.Tensor)),
  }));
  await assertRejects(
    () => checkBackends(({ x }) => differs(x), { x }, only),
    Error,
    "On wasm the gradient of x is off by 5.0e-2",
  );
  const inputs = { x, y: uniform([3], [0, 1], "y") };
  await assertRejects(
    () =>
      checkBackends(
        ({ x, y }) => tf.getBackend() === "wasm" ? tf.add(x, y.dataSync()[0]!) : tf.add(x, y),
        inputs,
        only,
      ),
    Error,
    "On wasm ",
  );
});

Deno.test("a backend that is required and missing fails, one that is not required is told of", async () => {
  const said: string[] = [];
  const check = (options: BackendsOptions) =>
    checkBackends(({ x }) => tf.square(x), { x: uniform([2]) }, {
      warn: (text) => said.push(text),
      ...options,
    });
  const absent = { requestAdapter: () => Promise.resolve(null) };
  await withGpu(absent, async () => {
    const { differences, missing } = await check({});
    assertEquals(Object.keys(differences), ["cpu", "wasm"]);
    assertStringIncludes(missing.webgpu!, "no WebGPU adapter was found");
    assertStringIncludes(said.join(), "NOT COMPARED: nothing is computed on webgpu: no WebGPU");
    await assertRejects(() => check({ required: ["webgpu"] }), Error, "webgpu is required");
  });
});
