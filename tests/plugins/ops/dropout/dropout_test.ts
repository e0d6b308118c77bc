import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { dropout } from "../../../../plugins/ops/dropout/dropout.ts";
import { inference } from "../../../../core/contracts/forward_context.ts";
import { eachBackend } from "../../../backends.ts";
import { trainingPass } from "../../heads/setup.ts";

eachBackend("dropout() drops single values and scales the others", async () => {
  const x = tf.ones([2, 9, 7, 33]) as tf.Tensor4D;
  const before = tf.memory().numTensors;
  const y = dropout(x, 0.3, trainingPass(0), "a");
  const values = await y.data();
  const kept = values.filter((value) => Math.abs(value - 1 / 0.7) < 1e-6).length;
  assertEquals(kept + values.filter((value) => value === 0).length, values.length);
  // Five standard deviations of a binomial.
  const spread = 5 * Math.sqrt(values.length * 0.3 * 0.7);
  assert(Math.abs(kept - 0.7 * values.length) < spread, `${kept} of ${values.length} kept`);
  const [first, second] = [values.slice(0, 33), values.slice(33, 66)];
  assertNotEquals(first, second, "positions of a channel differ");
  y.dispose();
  assertEquals(tf.memory().numTensors, before);
});

eachBackend("dropout() draws a sample's mask whatever its micro-batch", async () => {
  const x = tf.ones([4, 2, 3, 5]) as tf.Tensor4D;
  const whole = await dropout(x, 0.5, trainingPass(0), "a").data();
  const part = tf.slice(x, [2, 0, 0, 0], [2, 2, 3, 5]);
  assertEquals(await dropout(part, 0.5, trainingPass(0, 2), "a").data(), whole.slice(60));
  assertNotEquals(await dropout(x, 0.5, trainingPass(0), "b").data(), whole);
});

eachBackend("dropout() passes the gradient of kept values only", async () => {
  const x = tf.ones([1, 3, 2, 5]) as tf.Tensor4D;
  const dropped = dropout(x, 0.5, trainingPass(0), "a");
  const gradient = tf.grad((x) => dropout(x as tf.Tensor4D, 0.5, trainingPass(0), "a"))(x);
  assertEquals(await gradient.data(), await dropped.data());
});

Deno.test("dropout() is the identity in inference and at rate 0", () => {
  const x = tf.ones([1, 1, 1, 2]) as tf.Tensor4D;
  assertEquals(dropout(x, 0.5, inference, "a"), x);
  assertEquals(dropout(x, 0, trainingPass(0), "a"), x);
});

Deno.test("dropout() refuses a rate outside 0 .. 1", () => {
  const x = tf.ones([1, 1, 1, 2]) as tf.Tensor4D;
  for (const rate of [-0.1, 1, NaN]) {
    assertThrows(() => dropout(x, rate, trainingPass(0), "a"), RangeError, `at rate ${rate}`);
  }
});
