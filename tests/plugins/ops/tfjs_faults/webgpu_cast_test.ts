import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { eachBackend } from "../../../backends.ts";

/** Rows and columns: no multiple of 4, and more elements than tfjs's webgpu backend hands to the CPU. */
const ROWS = 37, COLUMNS = 33;

const grid = (value: (i: number) => number) =>
  Array.from({ length: ROWS * COLUMNS }, (_, i) => value(i));

/** On the device: what a kernel gave. */
const CASES = [
  {
    from: "int32" as const,
    to: "float32" as const,
    make: () =>
      tf.sub(tf.tensor2d(grid((i) => i), [ROWS, COLUMNS], "int32"), tf.scalar(40, "int32")),
    values: grid((i) => i - 40),
  },
  {
    from: "bool" as const,
    to: "float32" as const,
    make: () => tf.greater(tf.tensor2d(grid((i) => i % 5), [ROWS, COLUMNS]), 2),
    values: grid((i) => i % 5 > 2 ? 1 : 0),
  },
  {
    from: "bool" as const,
    to: "int32" as const,
    make: () => tf.greater(tf.tensor2d(grid((i) => i % 5), [ROWS, COLUMNS]), 2),
    values: grid((i) => i % 5 > 2 ? 1 : 0),
  },
];
const classOf = (values: object) => Object.getPrototypeOf(values).constructor.name;
const ARRAYS = { int32: "Int32Array", float32: "Float32Array" };

for (const { from, to, make, values } of CASES) {
  eachBackend(`a cast from ${from} to ${to} reads back as ${to}`, async (backend) => {
    const { numTensors, numDataBuffers } = tf.memory();
    const cast = tf.tidy(() => tf.cast(make(), to));
    assertEquals(cast.dtype, to);
    const read = await cast.data();
    // On cpu a cast shares its elements, whose array keeps the type: no kernel there looks at it.
    if (backend !== "cpu") assertEquals(classOf(read), ARRAYS[to]);
    assertEquals([...read], values);
    cast.dispose();
    assertEquals(tf.memory().numTensors, numTensors);
    assertEquals(tf.memory().numDataBuffers, numDataBuffers);
  });

  eachBackend(`a cast from ${from} to ${to}, transposed, is ${to}`, async () => {
    const transposed = tf.tidy(() =>
      tf.transpose(tf.expandDims(tf.cast(make(), to), 2), [1, 2, 0])
    );
    const read = await transposed.data();
    assertEquals(classOf(read), ARRAYS[to]);
    assertEquals([...read], grid((i) => values[i % ROWS * COLUMNS + Math.floor(i / ROWS)]!));
    transposed.dispose();
  });
}

eachBackend("a cast of values that no kernel made, and of none, keeps them", async (backend) => {
  const casts = tf.tidy(() => [
    tf.cast(tf.tensor1d([3, -4, 2 ** 24], "int32"), "float32"),
    tf.cast(tf.tensor1d([true, false], "bool"), "float32"),
    tf.cast(tf.tensor2d([], [0, 3], "int32"), "float32"),
  ]);
  const read = await Promise.all(casts.map((cast) => cast.data()));
  assertEquals(read.map((values) => [...values]), [[3, -4, 2 ** 24], [1, 0], []]);
  if (backend !== "cpu") assertEquals(read.map(classOf), read.map(() => "Float32Array"));
  tf.dispose(casts);
});
