import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { backends } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

/** Registers a test on each backend whose broadcasting is put right. */
function onBoth(name: string, test: () => Promise<void>): void {
  for (const backend of ["cpu", "wasm"] as const) {
    Deno.test(`${name} [${backend}]`, async () => {
      await backends[backend].prepare();
      await test();
    });
  }
}

type Numbers = (a: number, b: number) => number;

/** Of positive numbers. */
const NUMBERS: Readonly<
  Record<string, readonly [(a: tf.Tensor, b: tf.Tensor) => tf.Tensor, Numbers]>
> = {
  add: [tf.add, (a, b) => a + b],
  subtract: [tf.sub, (a, b) => a - b],
  multiply: [tf.mul, (a, b) => a * b],
  divide: [tf.div, (a, b) => a / b],
  "squared difference": [tf.squaredDifference, (a, b) => (a - b) ** 2],
  maximum: [tf.maximum, Math.max],
  minimum: [tf.minimum, Math.min],
  power: [tf.pow, Math.pow],
  "rounded quotient": [tf.floorDiv, (a, b) => Math.floor(a / b)],
  remainder: [tf.mod, (a, b) => a % b],
  angle: [tf.atan2, Math.atan2],
  equal: [tf.equal, (a, b) => Number(a === b)],
  "not equal": [tf.notEqual, (a, b) => Number(a !== b)],
  less: [tf.less, (a, b) => Number(a < b)],
  "less or equal": [tf.lessEqual, (a, b) => Number(a <= b)],
  greater: [tf.greater, (a, b) => Number(a > b)],
  "greater or equal": [tf.greaterEqual, (a, b) => Number(a >= b)],
};
const TRUTHS: typeof NUMBERS = {
  and: [tf.logicalAnd, (a, b) => a && b],
  or: [tf.logicalOr, (a, b) => a || b],
};

const SHAPES = [
  [[4, 1], [1, 5]],
  [[2, 3, 4], [3, 1]],
  [[3, 1, 1], [2, 1, 4, 1]],
  [[2, 3, 1, 4], [2, 1, 5, 1]],
  [[6], [2, 6]],
  [[1, 1], [5]],
  [[1], [2, 3]],
  [[2, 3], []],
  [[0, 3], [1, 3]],
] as const;

/** Element of an array that stands at an index of what it broadcasts to. */
function at(shape: readonly number[], wide: readonly number[], index: number): number {
  let place = 0, stride = 1;
  for (let axis = wide.length - 1, rest = index; axis >= 0; axis--) {
    const size = shape[axis - wide.length + shape.length] ?? 1;
    if (size > 1) place += rest % wide[axis]! * stride;
    stride *= size;
    rest = Math.floor(rest / wide[axis]!);
  }
  return place;
}

async function check(operations: typeof NUMBERS, dtype: "float32" | "int32" | "bool") {
  const most = dtype === "bool" ? 2 : 4, least = dtype === "bool" ? 0 : 1;
  for (const [left, right] of SHAPES) {
    const given = [left, right].map((shape, i) => {
      // Few values, so that some are equal.
      const data = randomArray(`${dtype} ${i}`, shape).data
        .map((x) => Math.floor((x + 1) / 2 * most * 0.999) + least);
      return { shape, data, tensor: tf.tensor([...data], [...shape], dtype) };
    });
    const [a, b] = given as [typeof given[0], typeof given[0]];
    const wide = tf.backend_util.assertAndGetBroadcastShape([...left], [...right]);
    for (const [name, [run, wanted]] of Object.entries(operations)) {
      const what = `${name} of ${dtype} [${left}] and [${right}]`;
      const before = tf.memory().numTensors;
      const y = run(a.tensor, b.tensor);
      assertEquals(y.shape, wide, what);
      const expected = Array.from(
        { length: y.size },
        (_, i) => wanted(a.data[at(left, wide, i)]!, b.data[at(right, wide, i)]!),
      );
      const got = await y.data();
      if (y.size > 0) assert(error(got, expected) <= 1e-5 || !expected.some(Boolean), what);
      y.dispose();
      assertEquals(tf.memory().numTensors, before, `${what} leaks`);
    }
    tf.dispose([a.tensor, b.tensor]);
  }
}

onBoth("operations on two tensors broadcast as they should, in every type", async () => {
  await check(NUMBERS, "float32");
  const { angle: _, divide: __, power: ___, ...whole } = NUMBERS;
  await check(whole, "int32");
  await check(TRUTHS, "bool");
});

onBoth("what is repeated or chosen is as it should be, in every type", async () => {
  for (const dtype of ["float32", "int32"] as const) {
    const x = tf.tensor([1, 2, 3, 4, 5, 6], [2, 1, 3], dtype);
    const tiled = tf.tile(x, [1, 2, 2]);
    assertEquals(
      [...await tiled.data()],
      [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3].concat(
        [4, 5, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6],
      ),
    );
    const flags = tf.tensor([1, 0, 1], [3], "bool");
    const chosen = tf.where(flags, x, tf.zerosLike(x));
    assertEquals([...await chosen.data()], [1, 0, 3, 4, 0, 6]);
    const wide = tf.broadcastTo(x, [2, 2, 3]);
    assertEquals([...await wide.data()], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
    tf.dispose([x, tiled, flags, chosen, wide]);
  }
});

/** Shortest of some runs: other work of the machine makes them longer. */
function shortest(run: () => tf.Tensor): number {
  const times = Array.from({ length: 9 }, () => {
    const begin = performance.now();
    run().dispose();
    return performance.now() - begin;
  });
  return Math.min(...times);
}

Deno.test("broadcasting on wasm takes no longer than some passes over the result", async () => {
  await backends.wasm.prepare();
  const column = tf.range(0, 512, 1, "float32").reshape([512, 1]);
  const row = column.reshape([1, 512]), whole = tf.tile(row, [512, 1]);
  for (const operation of [tf.less, tf.maximum, tf.notEqual]) {
    const broadcast = shortest(() => operation(column, row));
    const plain = shortest(() => operation(whole, whole));
    // tfjs's own took 15 to 25 times as long.
    assert(broadcast < 8 * plain, `${operation.name}: ${broadcast} ms, ${plain} ms of one shape`);
  }
  tf.dispose([column, row, whole]);
});
