import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { eachBackend } from "../../../backends.ts";

/** More elements than tfjs's webgpu backend hands to the CPU, no size a multiple of 4. */
const SHAPES = [[37, 33], [9, 13, 11], [3, 5, 7, 11], [3, 5, 2, 7, 6], [3, 5, 2, 3, 2, 7]];

/** Whole numbers that float32 does not hold. */
const value = (i: number) => (i % 2 === 0 ? 1 : -1) * (2 ** 24 + 1 + 2 * i);

/** Every order of axes up to rank 4, some of more. */
function permutations(rank: number): number[][] {
  const all = (axes: number[]): number[][] =>
    axes.length === 0
      ? [[]]
      : axes.flatMap((axis) => all(axes.filter((a) => a !== axis)).map((rest) => [axis, ...rest]));
  const orders = all(Array.from({ length: rank }, (_, axis) => axis));
  return orders.filter((_, i) => i % Math.ceil(orders.length / 24) === 0);
}

/** What a transpose gives, element by element. */
function transposed(values: number[], shape: number[], order: number[]): number[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const visit = (axis: number, from: number): number[] =>
    axis === order.length ? [values[from]!] : Array.from(
      { length: shape[order[axis]!]! },
      (_, i) => visit(axis + 1, from + i * strides[order[axis]!]!),
    ).flat();
  return visit(0, 0);
}

for (const shape of SHAPES) {
  const rank = shape.length;
  const numbers = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => value(i));
  const truths = numbers.map((_, i) => i % 5 > 2 ? 1 : 0);

  eachBackend(`transposing integers of rank ${rank} keeps every bit`, async () => {
    const { numTensors, numDataBuffers } = tf.memory();
    // A kernel's result is on the device; tfjs's integers go through floats nowhere but in comparisons.
    const x = tf.tidy(() => tf.add(tf.tensor(numbers, shape, "int32"), tf.scalar(3, "int32")));
    const plus = numbers.map((number) => number + 3);
    for (const order of permutations(rank)) {
      const y = tf.transpose(x, order);
      assertEquals([y.dtype, y.shape], ["int32", order.map((axis) => shape[axis]!)]);
      const read = await y.data();
      assert(read instanceof Int32Array);
      assertEquals([...read], transposed(plus, shape, order), `${order}`);
      y.dispose();
    }
    x.dispose();
    const { numTensors: tensors, numDataBuffers: buffers } = tf.memory();
    assertEquals([tensors, buffers], [numTensors, numDataBuffers]);
  });

  eachBackend(`transposing booleans of rank ${rank} keeps them booleans`, async () => {
    const x = tf.tidy(() => tf.greater(tf.tensor(truths, shape), 0.5));
    const order = permutations(rank).at(-1)!;
    const y = tf.transpose(x, order);
    assertEquals(y.dtype, "bool");
    assertEquals([...await y.data()], transposed(truths, shape, order));
    tf.dispose([x, y]);
  });
}

eachBackend("transposing integers that no kernel made, and none, works as before", async () => {
  const [few, none] = tf.tidy(() => [
    tf.transpose(tf.tensor3d([1, 2, 3, 4], [1, 2, 2], "int32"), [2, 1, 0]),
    tf.transpose(tf.tensor3d([], [0, 3, 2], "int32"), [2, 1, 0]),
  ]);
  assertEquals([...await few!.data()], [1, 3, 2, 4]);
  assertEquals(none!.shape, [2, 3, 0]);
  assertEquals([...await none!.data()], []);
  tf.dispose([few!, none!]);
});
