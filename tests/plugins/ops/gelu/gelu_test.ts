import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { gelu } from "../../../../plugins/ops/gelu/gelu.ts";
import { eachBackend } from "../../../backends.ts";
import { assertNear } from "../../losses/numeric.ts";

/** Points, torch.nn.functional.gelu of them and its derivative, PyTorch 1.13 in float64. */
const POINTS = [-6, -3, -1, -0.25, 0, 0.25, 1, 3, 6];
const VALUES = [
  -5.91952587e-09,
  -0.00404969409,
  -0.158655254,
  -0.100323419,
  0,
  0.149676581,
  0.841344746,
  2.99595031,
  5.99999999,
];
const SLOPES = [
  -3.54687095e-08,
  -0.0119456472,
  -0.0833154706,
  0.304626645,
  0.5,
  0.695373355,
  1.08331547,
  1.01194565,
  1.00000004,
];

eachBackend("gelu() is PyTorch's exact one, and so is its gradient", async () => {
  const x = tf.tensor4d(POINTS, [1, 1, 1, POINTS.length]);
  const before = tf.memory().numTensors;
  const y = gelu(x);
  assertNear(await y.data<"float32">(), VALUES, 1e-6, "result");
  const slope = tf.grad((x) => tf.sum(gelu(x as tf.Tensor4D)))(x);
  assertNear(await slope.data<"float32">(), SLOPES, 1e-6, "gradient");
  // A gradient that comes from above is passed on.
  const twice = tf.grad((x) => tf.sum(tf.mul(gelu(x as tf.Tensor4D), 2)))(x);
  assertNear(await twice.data<"float32">(), SLOPES.map((value) => 2 * value), 1e-6, "twice");
  tf.dispose([y, slope, twice]);
  assertEquals(tf.memory().numTensors, before);
});
