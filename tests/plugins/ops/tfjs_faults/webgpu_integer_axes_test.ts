import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { eachBackend } from "../../../backends.ts";

/**
 * More elements than tfjs's webgpu backend hands to the CPU, no size a multiple of 4, none above 31: of more, tfjs's argMax on webgpu
 * takes any of several maxima.
 */
const SHAPE: readonly number[] = [5, 29, 11, 3];
const COUNT = SHAPE.reduce((a, b) => a * b);

type Op = (x: tf.Tensor, axis: number) => tf.Tensor;

/** Ops of what lies along an axis, and what they are of a list. */
const REDUCTIONS: Readonly<Record<string, readonly [Op, (list: number[]) => number]>> = {
  any: [(x, axis) => tf.any(tf.cast(x, "bool"), axis), (list) => Number(list.some(Boolean))],
  all: [(x, axis) => tf.all(tf.cast(x, "bool"), axis), (list) => Number(list.every(Boolean))],
  max: [(x, axis) => tf.max(x, axis), (list) => Math.max(...list)],
  min: [(x, axis) => tf.min(x, axis), (list) => Math.min(...list)],
  sum: [(x, axis) => tf.sum(x, axis), (list) => list.reduce((a, b) => a + b)],
  prod: [(x, axis) => tf.prod(x, axis), (list) => list.reduce((a, b) => a * b)],
  argMax: [(x, axis) => tf.argMax(x, axis), (list) => list.indexOf(Math.max(...list))],
  argMin: [(x, axis) => tf.argMin(x, axis), (list) => list.indexOf(Math.min(...list))],
};

const running = (list: number[]) =>
  list.map((_, i) => list.slice(0, i + 1).reduce((a, b) => a + b));

const CUMULATIVE: Readonly<Record<string, readonly [Op, (list: number[]) => number[]]>> = {
  cumsum: [(x, axis) => tf.cumsum(x, axis), running],
  "cumsum, exclusive": [
    (x, axis) => tf.cumsum(x, axis, true),
    (list) => [0, ...running(list).slice(0, -1)],
  ],
  "cumsum, reversed": [
    (x, axis) => tf.cumsum(x, axis, false, true),
    (list) => running(list.toReversed()).toReversed(),
  ],
};

/** Applies a function to every list along an axis; the lists it gives lie along that axis again. */
function along(
  values: readonly number[],
  axis: number,
  apply: (list: number[]) => number[],
): number[] {
  const inner = SHAPE.slice(axis + 1).reduce((a, b) => a * b, 1), length = SHAPE[axis]!;
  const result: number[] = [];
  for (let outer = 0; outer < COUNT / inner / length; outer++) {
    for (let i = 0; i < inner; i++) {
      const at = (k: number) => (outer * length + k) * inner + i;
      const given = apply(Array.from({ length }, (_, k) => values[at(k)]!));
      given.forEach((value, k) => result[(outer * given.length + k) * inner + i] = value);
    }
  }
  return result;
}

/** Few ones beyond ±1: a product must stay small. First maxima and minima lie anywhere. */
const NUMBERS = Array.from(
  { length: COUNT },
  (_, i) => i % 31 === 0 ? 3 : i % 97 === 0 ? -2 : i % 7 === 0 ? 0 : i % 3 === 0 ? -1 : 1,
);

for (const dtype of ["int32", "bool"] as const) {
  const values = dtype === "bool" ? NUMBERS.map((value) => Number(value > 0)) : NUMBERS;
  eachBackend(`reductions of ${dtype} along any axis are right`, async (backend) => {
    const { numTensors, numDataBuffers } = tf.memory();
    // A kernel's result is on the device.
    const x = tf.tidy(() => tf.cast(tf.add(tf.tensor(values, [...SHAPE]), 0), dtype));
    for (const [name, [op, reduce]] of Object.entries(REDUCTIONS)) {
      // tfjs's own take no booleans on the CPU backends.
      if (dtype === "bool" && backend !== "webgpu" && !["any", "all"].includes(name)) continue;
      for (const axis of SHAPE.keys()) {
        const y = tf.tidy(() => op(x, axis)), last = tf.tidy(() => op(x, 3));
        assertEquals([y.shape, y.dtype], [SHAPE.toSpliced(axis, 1), last.dtype], name);
        const want = along(values, axis, (list) => [reduce(list)]).map((value) => value + 0);
        assertEquals([...await y.data()].map((value) => value + 0), want, `${name} ${axis}`);
        tf.dispose([y, last]);
      }
    }
    x.dispose();
    const { numTensors: tensors, numDataBuffers: buffers } = tf.memory();
    assertEquals([tensors, buffers], [numTensors, numDataBuffers]);
  });
}

eachBackend("sums of integers along several axes keep them where asked", async () => {
  const x = tf.tidy(() => tf.cast(tf.add(tf.tensor(NUMBERS, [...SHAPE]), 0), "int32"));
  const y = tf.tidy(() => tf.sum(x, [0, 2], true));
  assertEquals(y.shape, [1, 29, 1, 3]);
  const want = Array<number>(29 * 3).fill(0);
  NUMBERS.forEach((value, i) => want[Math.floor(i / 33) % 29 * 3 + i % 3]! += value);
  assertEquals([...await y.data()], want);
  tf.dispose([x, y]);
});

eachBackend("cumulative sums of integers along any axis are right", async () => {
  const { numTensors, numDataBuffers } = tf.memory();
  const x = tf.tidy(() => tf.cast(tf.add(tf.tensor(NUMBERS, [...SHAPE]), 0), "int32"));
  for (const [name, [op, list]] of Object.entries(CUMULATIVE)) {
    for (const axis of SHAPE.keys()) {
      const y = tf.tidy(() => op(x, axis));
      assertEquals([y.shape, y.dtype], [[...SHAPE], "int32"], name);
      assertEquals([...await y.data()], along(NUMBERS, axis, list), `${name} ${axis}`);
      y.dispose();
    }
  }
  x.dispose();
  const { numTensors: tensors, numDataBuffers: buffers } = tf.memory();
  assertEquals([tensors, buffers], [numTensors, numDataBuffers]);
});
