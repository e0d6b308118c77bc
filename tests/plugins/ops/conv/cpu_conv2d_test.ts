import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../../../../plugins/ops/conv/conv2d.ts";
import { backends } from "../../../backends.ts";

Deno.test("conv2d on cpu rounds a long sum once", async () => {
  await backends.cpu.prepare();
  const channels = 4096;
  const sum = tf.tidy(() =>
    conv2d(tf.fill([1, 1, 1, channels], 0.1), tf.ones([1, 1, channels, 1]), { pad: 0 }).dataSync()
  );
  // 0.1 in float32 times 4,096 is exact in float64 and in float32.
  assertEquals(sum[0], Math.fround(0.1) * channels);
});

Deno.test("conv2d on cpu leaves no tensors behind", async () => {
  await backends.cpu.prepare();
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    conv2d(tf.ones([2, 5, 3, 2]), tf.ones([3, 3, 2, 3]), { stride: 2, pad: 1 });
  });
  assertEquals(tf.memory().numTensors, before);
});
