import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

eachBackend("sum, mean and max over any neighbouring axes are right", async () => {
  for (const shape of [[2, 9, 8, 3], [1, 70, 1, 21], [3, 8, 33, 5], [1, 1, 4100, 1]] as const) {
    const values = randomArray("values", shape);
    const x = tf.tensor4d(Float32Array.from(values.data), [...shape]);
    for (const axes of [[0], [1, 2], [0, 1, 2], [2, 1], [3], [0, 1, 2, 3], [0, 2]]) {
      for (const keepDims of [false, true]) {
        const what = `${shape} over ${axes} ${keepDims}`;
        const kept = shape.map((size, axis) => axes.includes(axis) ? 1 : size);
        const strides = kept.map((_, axis) => tf.util.sizeFromShape(kept.slice(axis + 1)));
        const sums = new Float64Array(tf.util.sizeFromShape(kept));
        const maxima = new Float64Array(sums.length).fill(-Infinity);
        values.data.forEach((value, i) => {
          let rest = i, at = 0;
          for (let axis = 3; axis >= 0; axis--) {
            const index = rest % shape[axis]!;
            rest = Math.floor(rest / shape[axis]!);
            if (!axes.includes(axis)) at += index * strides[axis]!;
          }
          sums[at]! += value;
          maxima[at] = Math.max(maxima[at]!, value);
        });
        const part = sums.length / values.data.length;
        const expected = keepDims ? kept : shape.filter((_, axis) => !axes.includes(axis));
        for (
          const [op, want] of [
            [tf.sum, sums],
            [tf.mean, sums.map((v) => v * part)],
            [tf.max, maxima],
          ] as const
        ) {
          const y = op(x, axes, keepDims);
          assertEquals(y.shape, expected, `${op.name} ${what}`);
          assert(error(await y.data(), want) <= 1e-5, `${op.name} ${what}`);
          y.dispose();
        }
      }
    }
    x.dispose();
  }
});

eachBackend("slices of every rank, and of int32, are right", async () => {
  const x = tf.range(0, 2 * 3 * 4 * 5, 1, "float32");
  const cases = [
    { shape: [2, 3, 4, 5], begin: [0, 0, 0, 1], size: [2, 3, 4, 3] },
    { shape: [2, 3, 4, 5], begin: [1, 0, 2, 0], size: [1, 3, 2, 5] },
    { shape: [2, 3, 4, 5], begin: [0, 1, 1, 2], size: [2, 2, 2, 2] },
    { shape: [2, 3, 4, 5], begin: [0, 0, 0, 0], size: [2, 3, 4, 5] },
    { shape: [6, 20], begin: [2, 3], size: [3, 0] },
    { shape: [120], begin: [7], size: [5] },
    { shape: [2, 60], begin: [1, 0], size: [1, 60] },
    { shape: [2, 3, 2, 2, 5], begin: [1, 1, 0, 1, 1], size: [1, 2, 2, 1, 3] },
  ];
  for (const { shape, begin, size } of cases) {
    const want: number[] = [];
    const visit = (axis: number, at: number) => {
      if (axis === shape.length) want.push(at);
      else {for (let i = 0; i < size[axis]!; i++) {
          visit(axis + 1, at * shape[axis]! + begin[axis]! + i);
        }}
    };
    visit(0, 0);
    for (const dtype of ["float32", "int32"] as const) {
      const y = tf.slice(x.cast(dtype).reshape(shape), begin, size);
      assertEquals(y.shape, size);
      assertEquals(y.dtype, dtype);
      assertEquals([...await y.data()], want, `${shape} from ${begin}, ${size}`);
    }
  }
});

eachBackend("concat joins along every axis, empty parts too", async () => {
  const a = tf.tensor3d([1, 2, 3, 4], [2, 1, 2]),
    b = tf.tensor3d([5, 6, 7, 8, 9, 10, 11, 12], [
      2,
      2,
      2,
    ]);
  const none = tf.zeros<tf.Rank.R3>([2, 0, 2]);
  assertEquals([...await tf.concat([a, none, b], 1).data()], [
    1,
    2,
    5,
    6,
    7,
    8,
    3,
    4,
    9,
    10,
    11,
    12,
  ]);
  assertEquals([...await tf.concat([a, a], 0).data()], [1, 2, 3, 4, 1, 2, 3, 4]);
  const last = tf.concat([a, tf.zeros<tf.Rank.R3>([2, 1, 1])], -1);
  assertEquals(last.shape, [2, 1, 3]);
  assertEquals([...await last.data()], [1, 2, 0, 3, 4, 0]);
  const bools = tf.concat([tf.tensor1d([true], "bool"), tf.tensor1d([false, true], "bool")], 0);
  assertEquals([...await bools.data()], [1, 0, 1]);
});

eachBackend("equal compares rows with one value each, and NaN with nothing", async () => {
  const a = tf.tensor2d([1, 2, 2, 3, NaN, 3], [2, 3]);
  const y = tf.equal(a, tf.tensor2d([2, NaN], [2, 1]));
  assertEquals(y.dtype, "bool");
  assertEquals([...await y.data()], [0, 1, 1, 0, 0, 0]);
  const columns = tf.equal(a, tf.tensor2d([1, 2, 3], [1, 3]));
  assertEquals([...await columns.data()], [1, 1, 0, 0, 0, 1]);
});

/** Numbers of an array of a shape: place i of `axis` has what was at place `from(i)`. */
function moved(shape: readonly number[], axis: number, from: readonly number[]): number[] {
  const row = shape.slice(axis + 1).reduce((a, b) => a * b, 1), size = shape[axis]!;
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  return Array.from(
    { length: outer },
    (_, o) => from.flatMap((i) => Array.from({ length: row }, (_, r) => (o * size + i) * row + r)),
  ).flat();
}

eachBackend("gather and reverse move along every axis, int32 too", async () => {
  const shape = [2, 3, 4, 5], x = tf.range(0, 120, 1, "float32").reshape(shape);
  for (const dtype of ["float32", "int32"] as const) {
    for (const axis of [0, 1, 2, 3]) {
      const size = shape[axis]!, indices = [size - 1, 0, 1, 1];
      const y = tf.gather(x.cast(dtype), tf.tensor1d(indices, "int32"), axis);
      assertEquals(y.shape, shape.with(axis, 4));
      assertEquals(y.dtype, dtype);
      assertEquals([...await y.data()], moved(shape, axis, indices), `gather along ${axis}`);
      const back = Array.from({ length: size }, (_, i) => size - 1 - i);
      const mirrored = tf.reverse(x.cast(dtype), axis);
      assertEquals(mirrored.shape, shape);
      assertEquals([...await mirrored.data()], moved(shape, axis, back), `reverse along ${axis}`);
    }
  }
  const both = tf.reverse(tf.tensor2d([1, 2, 3, 4], [2, 2]), [0, 1]);
  assertEquals([...await both.data()], [4, 3, 2, 1]);
  const square = tf.gather(tf.tensor1d([5, 6, 7]), tf.tensor2d([2, 0, 1, 1], [2, 2], "int32"));
  assertEquals(square.shape, [2, 2]);
  assertEquals([...await square.data()], [7, 5, 6, 6]);
  assertEquals(tf.gather(x, tf.tensor1d([], "int32"), 1).shape, [2, 0, 4, 5]);
});
