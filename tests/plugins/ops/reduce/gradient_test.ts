import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

/** Axes of an array `[3,4,5,7]`: the first, those in the middle, the last, all, and two apart. */
const AXES = [[0], [1, 2], [3], [0, 1, 2, 3], [0, 2]];

const SHAPE: [number, number, number, number] = [3, 4, 5, 7];

eachBackend("gradients of sums and means repeat the result's along what was added up", async () => {
  const x = tf.tensor4d(Float32Array.from(randomArray("x", SHAPE).data), SHAPE);
  for (const axes of AXES) {
    for (const keepDims of [false, true]) {
      const left = SHAPE.flatMap((size, i) => axes.includes(i) ? keepDims ? [1] : [] : [size]);
      const factors = randomArray("factors", left), count = axes.reduce((p, i) => p * SHAPE[i]!, 1);
      const weights = tf.tensor(Float32Array.from(factors.data), left);
      const sum = tf.grad((x) => tf.sum(x, axes, keepDims).mul(weights).sum())(x);
      const mean = tf.grad((x) => tf.mean(x, axes, keepDims).mul(weights).sum())(x);
      assertEquals([sum.shape, mean.shape], [SHAPE, SHAPE]);
      const kept = SHAPE.map((size, i) => axes.includes(i) ? 1 : size);
      const wanted = await tf.mul(weights.reshape(kept), tf.ones(SHAPE)).data<"float32">();
      const what = `${axes} ${keepDims}`;
      assertEquals(await sum.data<"float32">(), wanted, what);
      const parts = Float64Array.from(wanted, (value) => value / count);
      assert(error(await mean.data<"float32">(), parts) < 1e-7, what);
    }
  }
});

eachBackend("gradients of sums can be differentiated again", async () => {
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  const cubes = (x: tf.Tensor) => tf.sum(tf.mul(tf.sum(x, 1), tf.sum(tf.square(x), 1)));
  const slope = (x: tf.Tensor) => tf.sum(tf.grad(cubes)(x).mul(tf.tensor2d([[1, 0], [0, 0]])));
  // d/dx0 of (x0 + x1)(x0² + x1²) is x0² + x1² + 2 x0 (x0 + x1); its own gradient follows.
  assertEquals([...await tf.grad(slope)(x).data()], [10, 6, 0, 0]);
});
