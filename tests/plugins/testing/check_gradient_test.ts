import { assert, assertEquals, assertRejects } from "@std/assert";
import { conv2d, gelu, installOps, maxOne, withoutGradient } from "seamstress/ops";
import { checkGradient, uniform } from "seamstress/testing";
import { biasSpec, convSpec, pointwise, pointwiseSpec } from "seamstress/wsss";
import * as tf from "@tensorflow/tfjs";

installOps("cpu");

/** x², with a factor on its gradient. */
const squareWith = (factor: number) =>
  tf.customGrad((x) => ({
    value: tf.square(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor | tf.Tensor[]) =>
      tf.mul(dy as tf.Tensor, tf.mul(2 * factor, x as tf.Tensor)),
  }));

Deno.test("a gradient is compared in float64: rounding leaves nothing of a wrong part in 50 000", async () => {
  const inputs = { x: uniform([2, 3, 4]) };
  const { precision, differences } = await checkGradient(({ x }) => squareWith(1)(x), inputs);
  assertEquals(precision, "float64");
  assert(differences["x"]! < 1e-9, JSON.stringify(differences));
  await assertRejects(
    () => checkGradient(({ x }) => squareWith(1 + 2e-5)(x), inputs),
    Error,
    "The gradient of x is wrong at element",
  );
});

Deno.test("operations that ship are computed in float64 by their cpu kernels", async () => {
  const x = uniform([2, 5, 6, 4]), filter = uniform([3, 3, 4, 2]);
  const { precision, differences } = await checkGradient(
    ({ x, filter }) =>
      maxOne(gelu(conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, { pad: "same" })), [1, 2]),
    { x, filter },
  );
  assertEquals(precision, "float64");
  // tfjs's erf is right to 1.5e-7.
  assert(differences["x"]! < 2e-6 && differences["filter"]! < 2e-6, JSON.stringify(differences));
});

Deno.test("parameters are differentiated with the inputs, those that do not train are not", async () => {
  const weight = pointwiseSpec("fc8", 4, 3, { kind: "xavier-uniform", gain: 1 });
  const bias = biasSpec("fc8.bias", 3);
  const frozen = { ...convSpec("first.weight", [1, 1, 4, 4]), trainable: false };
  const x = uniform([1, 3, 3, 4]);
  const compute = (
    { x }: Readonly<Record<"x", tf.Tensor>>,
    params: Parameters<typeof pointwise>[1],
  ) => {
    const first = conv2d(x as tf.Tensor4D, params.get("first.weight") as tf.Variable<tf.Rank.R4>, {
      pad: "same",
    });
    return tf.add(pointwise(first, params, "fc8"), params.get("fc8.bias"));
  };
  const params = [weight, bias, frozen];
  const { differences } = await checkGradient(compute, { x }, { params });
  assertEquals(Object.keys(differences), ["x", "parameter fc8.weight", "parameter fc8.bias"]);
  await assertRejects(
    () =>
      checkGradient(
        (inputs, params) => compute({ x: withoutGradient(() => inputs.x) }, params),
        { x },
        { params },
      ),
    Error,
    "The gradient of x is wrong at element",
  );
});

Deno.test("a gradient that should be cut off, and is not, is found, and one that is cut off by mistake too", async () => {
  const inputs = { x: uniform([3]), teacher: uniform([3], [0, 1], "teacher") };
  const cut = ({ x, teacher }: Readonly<Record<"x" | "teacher", tf.Tensor>>) =>
    tf.square(tf.sub(x, withoutGradient(() => teacher)));
  const whole = ({ x, teacher }: Readonly<Record<"x" | "teacher", tf.Tensor>>) =>
    tf.square(tf.sub(x, teacher));
  await checkGradient(cut, inputs, { detached: ["teacher"] });
  await assertRejects(
    () => checkGradient(whole, inputs, { detached: ["teacher"] }),
    Error,
    "The gradient of teacher should be cut off",
  );
  await assertRejects(() => checkGradient(cut, inputs), Error, "The gradient of teacher is wrong");
});

Deno.test("one element of many that is wrong is found by the random direction", async () => {
  const mask = new Float64Array(4000);
  mask[3999] = 1;
  const wrong = tf.customGrad((x) => ({
    value: tf.square(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor | tf.Tensor[]) =>
      tf.mul(dy as tf.Tensor, tf.mul(tf.sub(2, tf.tensor1d([...mask])), x as tf.Tensor)),
  }));
  await assertRejects(
    () => checkGradient(({ x }) => wrong(x), { x: uniform([4000]) }, { elements: 4 }),
    Error,
    "all elements, a random direction",
  );
});

/** Rounds to 32 bits in an array that stays 32-bit, as a kernel with a heap of its own does. */
const Kept = Float32Array;
const rounded = tf.customGrad((x) => {
  const { shape } = x as tf.Tensor;
  const values = Kept.from((x as tf.Tensor).dataSync());
  return {
    value: tf.tensor(Array.from(values), shape),
    gradFunc: (dy: tf.Tensor | tf.Tensor[]) => tf.clone(dy as tf.Tensor),
  };
});

/** x, with half its gradient. */
const halved = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor | tf.Tensor[]) => tf.mul(dy as tf.Tensor, 0.5),
}));

Deno.test("a function that rounds to float32 is noticed, and checked as closely as that allows", async () => {
  const inputs = { x: uniform([2, 3], [0.5, 1]) };
  const before = await checkGradient(({ x }) => rounded(tf.square(x)), inputs);
  assertEquals(before.precision, "float32");
  const after = await checkGradient(({ x }) => tf.square(rounded(x)), inputs);
  assertEquals(after.precision, "float32");
  await assertRejects(
    () => checkGradient(({ x }) => tf.square(halved(rounded(x))), inputs),
    Error,
    "float32; off by",
  );
});

Deno.test("tensors that are left behind and numbers that are not finite fail", async () => {
  const x = uniform([2]);
  await assertRejects(
    () => checkGradient(({ x }) => tf.keep(tf.square(x)), { x }),
    Error,
    "leaves 1 tensors behind",
  );
  await assertRejects(
    () => checkGradient(({ x }) => tf.log(tf.mul(x, 0)), { x }),
    Error,
    "Not finite",
  );
});

Deno.test("the backend that was set is set again, and Float32Array is what it was", async () => {
  const { Float32Array } = globalThis;
  await tf.setBackend("wasm");
  await checkGradient(({ x }) => tf.square(x), { x: uniform([2]) });
  assertEquals(tf.getBackend(), "wasm");
  assertEquals(globalThis.Float32Array, Float32Array);
  await checkGradient(() => {
    throw new Error("planted");
  }, { x: uniform([2]) }).catch(() => {});
  assertEquals(globalThis.Float32Array, Float32Array);
  assertEquals((await tf.square(tf.tensor1d([3])).data()).constructor, Float32Array);
});
