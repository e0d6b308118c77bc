import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { backends } from "../../../backends.ts";
import { randomArray } from "../random.ts";

const BINARY = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  floorDiv: tf.floorDiv,
  mod: tf.mod,
  atan2: tf.atan2,
  squaredDifference: tf.squaredDifference,
  maximum: tf.maximum,
  minimum: tf.minimum,
  equal: tf.equal,
  notEqual: tf.notEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
} as const;

const PAIRS = [
  [[2, 3, 4, 5], [5]],
  [[2, 3, 4, 5], [2, 1, 1, 5]],
  [[2, 3, 4, 1], [2, 1, 4, 5]],
  [[1, 3, 1, 5], [2, 3, 4, 5]],
  [[3, 1], [2, 1, 4]],
  [[], [3, 2]],
  [[4], []],
  [[2, 0, 3], [1, 1, 3]],
] as const;

/** Positive numbers with two places, in the order of a shape. */
function tensor(name: string, shape: readonly number[]): tf.Tensor {
  const { data } = randomArray(name, shape);
  return tf.tensor(Float32Array.from(data, (v) => Math.round(Math.abs(v) * 100) / 100 + 0.25), [
    ...shape,
  ]);
}

/** Index of each axis → position in memory. */
function position(indices: readonly number[], shape: readonly number[]): number {
  return indices.reduce((at, index, axis) => at * shape[axis]! + index, 0);
}

/** All indices of a shape, in the order of memory. */
function indicesOf(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((head) => Array.from({ length: size }, (_, i) => [...head, i])),
    [[]],
  );
}

for (const [name, op] of Object.entries(BINARY)) {
  Deno.test(`${name} of shapes that differ is what it is of equal ones on cpu`, async () => {
    await backends.cpu.prepare();
    for (const [first, second] of PAIRS) {
      const before = tf.memory().numTensors;
      const [a, b] = [tensor("a", first), tensor("b", second)];
      const y = op(a, b) as tf.Tensor;
      const [left, right] = [a, b].map((x) => {
        const values = x.dataSync(), missing = y.shape.length - x.shape.length;
        const whole = indicesOf(y.shape).map((indices) =>
          values[
            position(
              indices.slice(missing).map((index, axis) => x.shape[axis] === 1 ? 0 : index),
              x.shape,
            )
          ]!
        );
        return tf.tensor(whole, y.shape);
      });
      const wanted = op(left!, right!) as tf.Tensor;
      assertEquals(y.dtype, wanted.dtype);
      assertEquals(y.dataSync(), wanted.dataSync(), `${first} and ${second}`);
      tf.dispose([a, b, y, left!, right!, wanted]);
      assertEquals(tf.memory().numTensors, before);
    }
  });
}

Deno.test("transpose, tile and slice copy every element to its place on cpu", async () => {
  await backends.cpu.prepare();
  for (const dtype of ["float32", "int32", "bool"] as const) {
    const shape = [2, 3, 4, 5];
    const x = tf.cast(tf.range(0, 120, 1, "int32"), dtype).reshape(shape);
    const values = x.dataSync();
    const check = (y: tf.Tensor, from: (indices: number[]) => number[]) => {
      assertEquals(y.dtype, dtype);
      assertEquals(
        Array.from(y.dataSync()),
        indicesOf(y.shape).map((indices) => values[position(from(indices), shape)]!),
      );
      y.dispose();
    };
    for (const order of [[0, 1, 2, 3], [3, 2, 1, 0], [0, 3, 1, 2], [1, 0, 2, 3], [0, 2, 1, 3]]) {
      check(tf.transpose(x, order), (indices) => order.map((_, a) => indices[order.indexOf(a)]!));
    }
    for (const reps of [[1, 1, 1, 1], [2, 1, 1, 3], [1, 2, 2, 1]]) {
      check(tf.tile(x, reps), (indices) => indices.map((index, axis) => index % shape[axis]!));
    }
    for (const [begin, size] of [[[0, 1, 2, 3], [2, 1, 2, 2]], [[1, 0, 0, 0], [1, 3, 4, 5]]]) {
      check(
        tf.slice(x, begin!, size),
        (indices) => indices.map((index, axis) => index + begin![axis]!),
      );
    }
    x.dispose();
  }
});

Deno.test("reductions over outer axes are those over inner ones of what is transposed on cpu", async () => {
  await backends.cpu.prepare();
  const x = tensor("x", [2, 3, 4, 5]);
  for (const op of [tf.sum, tf.mean, tf.max, tf.min]) {
    for (
      const [axes, order, inner] of [
        [[1, 2], [0, 3, 1, 2], [2, 3]],
        [[0], [1, 2, 3, 0], [3]],
        [[0, 2], [1, 3, 0, 2], [2, 3]],
      ] as const
    ) {
      for (const keepDims of [false, true]) {
        const y = op(x, [...axes], keepDims);
        const wanted = op(tf.transpose(x, [...order]), [...inner]);
        const kept = x.shape.map((size, axis) =>
          (axes as readonly number[]).includes(axis) ? 1 : size
        );
        const shape = keepDims
          ? kept
          : x.shape.filter((_, a) => !(axes as readonly number[]).includes(a));
        assertEquals(y.shape, shape);
        assertEquals(y.dataSync(), wanted.dataSync());
        tf.dispose([y, wanted]);
      }
    }
  }
  x.dispose();
});
