import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { addAll } from "../../../../plugins/ops/add_all/add_all.ts";
import { eachBackend } from "../../../backends.ts";

eachBackend("addAll adds up more tensors than a kernel can bind, with gradients", async () => {
  const before = tf.memory().numTensors;
  const parts = Array.from({ length: 49 }, (_, i) => tf.tensor1d([i, 1]));
  const sum = addAll(parts);
  assertEquals([...await sum.data()], [49 * 24, 49]);
  const slope = tf.grad((x) =>
    addAll(parts.map((part, i) => i % 2 === 0 ? tf.mul(x, part) : part)).sum()
  )(parts[3]!);
  assertEquals([...await slope.data()], [24 * 25, 25]);
  tf.dispose([parts, sum, slope]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("addAll of one tensor is another one, of none an error", () => {
  tf.tidy(() => {
    const one = tf.scalar(2), same = addAll([one]);
    one.dispose();
    assertEquals(same.dataSync()[0], 2);
  });
  assertThrows(() => addAll([]), RangeError, "no tensors");
});
