import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { weightedSum } from "../../../../plugins/ops/weighted_sum/weighted_sum.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

eachBackend("weightedSum() adds, whatever the size, and leaves terms of factor 0 out", async () => {
  for (const shape of [[1], [7, 3], [4, 5, 8]]) {
    const arrays = ["a", "b", "c"].map((name) => randomArray(name, shape));
    const before = tf.memory().numTensors;
    const [a, b, c] = arrays.map(({ data }) => tf.tensor(Float32Array.from(data), shape)) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const infinite = tf.fill(shape, Infinity);
    const sum = weightedSum([[0.5, a], [1, b], [0, infinite], [-3, c]]);
    const one = weightedSum([[0, infinite], [1, b]]);
    const want = arrays[0]!.data.map((v, i) =>
      0.5 * v + arrays[1]!.data[i]! - 3 * arrays[2]!.data[i]!
    );
    assertEquals(sum.shape, shape);
    assert(error(await sum.data(), want) <= 1e-6);
    b.dispose();
    assert(error(await one.data(), arrays[1]!.data) === 0, "one term shares no fate");
    tf.dispose([a, c, infinite, sum, one]);
    assertEquals(tf.memory().numTensors, before);
  }
});
