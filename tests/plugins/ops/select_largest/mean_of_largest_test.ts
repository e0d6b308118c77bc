import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  meanOfLargest,
  meanOfSmallest,
} from "../../../../plugins/ops/select_largest/mean_of_largest.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

/** Mean of the k largest of each row and its gradient, first of ties first: by sorting. */
function reference(rows: readonly number[][], k: number) {
  const order = rows.map((row) =>
    Array.from(row.keys()).sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k)
  );
  return {
    mean: rows.map((row, r) => order[r]!.reduce((sum, i) => sum + row[i]!, 0) / k),
    gradient: rows.map((row, r) => {
      const chosen = new Set(order[r]);
      return row.map((_, i) => chosen.has(i) ? 1 / k : 0);
    }),
  };
}

async function compare(rows: readonly number[][], k: number, what: string): Promise<void> {
  const before = tf.memory().numTensors;
  const want = reference(rows, k);
  const x = tf.tensor2d(rows as number[][]);
  const mean = meanOfLargest(x, k);
  const gradient = tf.grad((x) => meanOfLargest(x as tf.Tensor2D, k))(x);
  assert(error(await mean.data(), want.mean) <= 1e-5, `${what}: mean`);
  assertEquals(
    (await gradient.data()).map((g) => g > 0 ? 1 : 0),
    Float32Array.from(want.gradient.flat(), (g) => g > 0 ? 1 : 0),
    `${what}: which elements the gradient reaches`,
  );
  assert(error(await gradient.data(), want.gradient.flat()) <= 1e-6, `${what}: gradient`);
  tf.dispose([x, mean, gradient]);
  assertEquals(tf.memory().numTensors, before, `${what} leaks`);
}

function randomRows(rows: number, length: number): number[][] {
  const { data } = randomArray(`top-k ${rows}x${length}`, [rows, length]);
  return Array.from({ length: rows }, (_, r) => [...data.subarray(r * length, (r + 1) * length)]);
}

eachBackend("meanOfLargest() equals sorting, whatever the length and k", async () => {
  for (const [rows, length] of [[1, 1], [2, 5], [3, 257], [1, 1023], [2, 70001]] as const) {
    for (const k of new Set([1, Math.ceil(length / 5), length])) {
      await compare(randomRows(rows, length), k, `${rows}x${length}, k ${k}`);
    }
  }
});

eachBackend("meanOfLargest() sends the gradient to exactly k elements where many tie", async () => {
  await compare([[5, 1, 3, 3, 3], [0, 0, 0, 0, 0], [-1, -0, 0, -2, 0]], 3, "small ties");
  const relu = randomRows(2, 3001).map((row) => row.map((v) => Math.max(v, 0)));
  await compare(relu, 2000, "ReLU zeros");
  // Long enough that webgpu takes several workgroups a row.
  const long = randomRows(2, 40001).map((row) => row.map((v) => Math.max(v, 0)));
  await compare(long, 30000, "ReLU zeros of long rows");
});

eachBackend("meanOfSmallest() is the mean of the other end", async () => {
  const x = tf.tensor2d([[5, 1, 3, 3], [-1, -2, 7, 0]]);
  assertEquals([...await meanOfSmallest(x, 2).data()], [2, -1.5]);
  const gradient = tf.grad((x) => meanOfSmallest(x as tf.Tensor2D, 2))(x);
  assertEquals([...await gradient.data()], [0, 0.5, 0.5, 0, 0.5, 0.5, 0, 0]);
});

eachBackend("meanOfLargest() keeps infinities apart and never hides a NaN", async () => {
  const x = tf.tensor2d([[1, -Infinity, 4, 2], [1, NaN, 4, 2]]);
  const mean = await meanOfLargest(x, 2).data();
  assertEquals(mean[0], 3);
  assert(Number.isNaN(mean[1]));
});

eachBackend("meanOfLargest() refuses a k that no row has", () => {
  const x = tf.ones([2, 3]) as tf.Tensor2D;
  for (const k of [0, 4, 1.5, NaN]) {
    assertThrows(() => meanOfLargest(x, k), RangeError, `Cannot take the ${k} largest of 3`);
  }
});
