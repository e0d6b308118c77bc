import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { maxOne, minOne } from "../../../../plugins/ops/max_one/max_one.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";

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

eachBackend("maxOne() finds the first of many elements, and of columns, that tie", async () => {
  // More elements per maximum than a workgroup has invocations; and fewer, with other axes behind them.
  for (const [outer, middle, inner] of [[2, 1207, 3], [5, 70, 33], [1, 4096, 1]] as const) {
    const { data } = randomArray(`max ${middle}`, [outer, middle, inner]);
    const values = Float32Array.from(data, (v) => Math.min(Math.max(v, -0.5), 0.9));
    const x = tf.tensor3d(values, [outer, middle, inner]);
    const weights = tf.range(1, outer * inner + 1).reshape<tf.Tensor3D>([outer, 1, inner]);
    for (const [op, sign] of [[maxOne, 1], [minOne, -1]] as const) {
      const gradient = tf.grad((x) => op(x, 1, true).mul(weights).sum())(x);
      const want = new Float32Array(values.length);
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) {
          const at = (m: number) => (o * middle + m) * inner + i;
          let best = 0;
          for (let m = 1; m < middle; m++) {
            if (sign * values[at(m)]! > sign * values[at(best)]!) best = m;
          }
          want[at(best)] = o * inner + i + 1;
        }
      }
      assertEquals(await gradient.data(), want, `${outer}x${middle}x${inner}, ${op.name}`);
      gradient.dispose();
    }
    tf.dispose([x, weights]);
  }
});
