import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertRejects } from "@std/assert";
import type { BackendInfo } from "../../../core/contracts/backend.ts";
import { type Group, SINGLE } from "../../../core/contracts/group.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { ops, plugins } from "seamstress/plugins";
import { RankSums } from "../../../core/trainer/rank_sums.ts";

/** Meets what each of two ranks brings; each goes on with both. */
class Meeting {
  #first: { readonly value: unknown; readonly both: PromiseWithResolvers<unknown[]> } | undefined;

  meet(rank: number, value: unknown): Promise<unknown[]> {
    const first = this.#first;
    if (first === undefined) {
      const both = Promise.withResolvers<unknown[]>();
      this.#first = { value, both };
      return both.promise;
    }
    this.#first = undefined;
    first.both.resolve(rank === 1 ? [first.value, value] : [value, first.value]);
    return first.both.promise;
  }
}

/** Two ranks on one thread, and every value that they gathered. */
function twoRanks(view?: BackendInfo["view"]) {
  const meeting = new Meeting();
  const gathered: unknown[] = [], exact: (number | undefined)[] = [];
  const ranks = [0, 1].map((rank): Group => ({
    ...SINGLE,
    rank,
    size: 2,
    async gather<T>(value: T) {
      if (rank === 1) gathered.push(value);
      return await meeting.meet(rank, value) as T[];
    },
    async sum(data, from) {
      if (rank === 1) exact.push(from);
      const all = await meeting.meet(rank, data.slice()) as Float32Array[];
      for (let i = 0; i < data.length; i++) data[i] = all[0]![i]! + all[1]![i]!;
    },
  }));
  return { sums: ranks.map((group) => new RankSums(group, undefined, view)), gathered, exact };
}

/** What a rank computed: one loss, gradients `b` and `a`, and a value that a method handed on. */
const computed = (value: number, names: readonly string[] = ["b", "a"]) => ({
  values: [tf.tensor1d([value])],
  gradients: Object.fromEntries(names.map((name, i) => [name, tf.fill([2], value + i)])),
  gathered: { "method/count": tf.scalar(10 * value) },
});

Deno.test("ranks add up gradients and what was gathered, keep all losses, and leave no tensor", async () => {
  await tf.setBackend("cpu");
  const before = tf.memory().numTensors;
  const { sums, exact } = twoRanks();
  const all = await Promise.all(
    sums.map((sum, rank) => sum.add(computed(rank + 1), { micros: 2, first: rank, losses: 1 })),
  );
  for (const { values, gradients, gathered = {} } of all) {
    assertEquals(values.map((value) => [...value.dataSync()]), [[1], [2]]);
    assertEquals([...gradients["b"]!.dataSync()], [3, 3]);
    assertEquals([...gradients["a"]!.dataSync()], [5, 5]);
    assertEquals([...gathered["method/count"]!.dataSync()], [30]);
    tf.dispose([values, gradients, gathered]);
  }
  // Two losses and the count must not be rounded on the way.
  assertEquals(exact, [3]);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("on wasm, ranks read gradients where they lie, and sums of a step outlive the next one's", async () => {
  const chosen = await new Registry(plugins).create("backend", { use: "wasm" }, undefined);
  const { view } = await chosen.prepare(ops);
  const before = tf.memory().numTensors, { sums } = twoRanks(view);
  const { data } = tf.Tensor.prototype;
  tf.Tensor.prototype.data = () => Promise.reject(new Error("A tensor was copied"));
  try {
    const step = (value: number, names?: readonly string[]) =>
      Promise.all(
        sums.map((sum, rank) =>
          sum.add(computed(rank + value, names), { micros: 2, first: rank, losses: 1 })
        ),
      );
    // The third adds up more numbers than the others.
    const steps = [await step(1), await step(5), await step(7, ["b", "a", "c"])];
    const read = steps.map((ranks) =>
      ranks.map(({ values, gradients, gathered }) => [
        ...values.map((value) => value.dataSync()[0]),
        ...Object.values(gradients).map((gradient) => gradient.dataSync()[1]),
        gathered!["method/count"]!.dataSync()[0],
      ])
    );
    const want = [[1, 2, 5, 3, 30], [5, 6, 13, 11, 110], [7, 8, 17, 15, 19, 150]];
    assertEquals(read, want.map((numbers) => [numbers, numbers]));
    tf.dispose(steps as unknown as tf.TensorContainer);
    assertEquals(tf.memory().numTensors, before);
  } finally {
    tf.Tensor.prototype.data = data;
  }
});

Deno.test("ranks exchange names once, again when one of them has others, and refuse those that differ", async () => {
  await tf.setBackend("cpu");
  const { sums, gathered } = twoRanks();
  const step = (...names: readonly string[][]) =>
    Promise.all(
      sums.map((sum, rank) =>
        sum.add(computed(1, names[rank]), { micros: 2, first: rank, losses: 1 })
      ),
    );
  const described = (...names: string[]) => [
    "gathered method/count []",
    ...names.map((name) => `gradient ${name} [2]`),
  ];
  await step(["a"], ["a"]);
  await step(["a"], ["a"]);
  // A loss starts, and reaches a parameter more.
  await step(["a", "b"], ["a", "b"]);
  await step(["b", "a"], ["a", "b"]);
  assertEquals(gathered, [true, described("a"), false, true, described("a", "b"), false]);
  await assertRejects(
    () => step(["a", "b"], ["a"]),
    Error,
    "Cannot add up over ranks: of rank 0 and rank 1 one alone has gradient b [2]",
  );
});
