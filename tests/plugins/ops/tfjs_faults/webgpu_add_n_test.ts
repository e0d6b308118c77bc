import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { eachBackend } from "../../../backends.ts";

eachBackend("addN adds up more tensors than a kernel can bind, with gradients", async () => {
  for (const count of [1, 2, 7, 8, 13, 14, 48]) {
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2, 3]);
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) =>
      tf.sum(tf.addN(Array.from({ length: count }, (_, i) => tf.mul(x, i + 1))))
    )(x) as { value: tf.Tensor; grad: tf.Tensor };
    const factors = count * (count + 1) / 2;
    assertEquals(await value.data(), Float32Array.of(6 * factors));
    assertEquals(await grad.data(), new Float32Array(3).fill(factors));
    tf.dispose([x, value, grad]);
    assertEquals(tf.memory().numTensors, before);
  }
});
