import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { maxOne, minOne } from "../../../core/ops/max_one.ts";
import { eachBackend } from "../../backends.ts";
import { randomArray } from "./random.ts";

eachBackend("maxOne() gives the gradient to the first of tied elements", async () => {
  const x = tf.tensor2d([[0, 3, 3], [2, 2, 2], [1, 5, 4]]);
  const w = tf.tensor1d([1, 10, 100]);
  const gradient = tf.grad((x) => maxOne(x, 1).mul(w).sum())(x);
  assertEquals([...await gradient.data()], [0, 1, 0, 10, 0, 0, 0, 100, 0]);
  const columns = tf.grad((x) => maxOne(x, 0).mul(w).sum())(x);
  assertEquals([...await columns.data()], [0, 0, 0, 1, 0, 0, 0, 10, 100]);
});

eachBackend("minOne() gives the gradient to the first of tied elements", async () => {
  const x = tf.tensor2d([[0, 0, 3], [2, 2, 2]]);
  assertEquals([...await minOne(x, 1).data()], [0, 2]);
  assertEquals([...await tf.grad((x) => minOne(x, 1).sum())(x).data()], [1, 0, 0, 1, 0, 0]);
});

eachBackend("maxOne() reduces several axes, with and without keeping them", async () => {
  const shape = [2, 5, 7, 3];
  const { data } = randomArray("max", shape);
  // A third of the elements tie at the top, as after a ReLU or a clip.
  const values = Float32Array.from(data, (v) => Math.min(v, 0.3));
  const x = tf.tensor4d(values, [2, 5, 7, 3]);
  const before = tf.memory().numTensors;
  const y = maxOne(x, [1, 2]);
  const kept = maxOne(x, [1, 2], true);
  assertEquals(y.shape, [2, 3]);
  assertEquals(kept.shape, [2, 1, 1, 3]);
  const weights = tf.tensor4d([1, 2, 3, 4, 5, 6], [2, 1, 1, 3]);
  const gradient = tf.grad((x) => maxOne(x, [1, 2], true).mul(weights).sum())(x);
  const want = new Float32Array(values.length);
  const maxima: number[] = [];
  for (let n = 0; n < 2; n++) {
    for (let c = 0; c < 3; c++) {
      let best = -1;
      for (let p = 0; p < 35; p++) {
        const i = (n * 35 + p) * 3 + c;
        if (best < 0 || values[i]! > values[best]!) best = i;
      }
      want[best] = n * 3 + c + 1;
      maxima.push(values[best]!);
    }
  }
  assertEquals([...await y.data()], maxima);
  assertEquals(await gradient.data(), want);
  tf.dispose([y, kept, weights, gradient]);
  assertEquals(tf.memory().numTensors, before);
});

eachBackend("maxOne() of NaN is NaN, not a smaller number", async () => {
  const value = await maxOne(tf.tensor2d([[1, NaN, 2]]), 1).data();
  assert(Number.isNaN(value[0]));
});
