import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { unitVectors } from "../../../../plugins/ops/unit_vectors/unit_vectors.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";

const EPSILON = 1e-5;

eachBackend("unitVectors() and its gradient equal the definition", async () => {
  for (
    const [samples, pixels, depth] of [[1, 7, 1], [3, 5, 3], [1, 67, 21], [2, 3, 192], [
      1,
      9,
      195,
    ]] as const
  ) {
    const what = `${samples}x${pixels}x${depth}`;
    const shape: [number, number, number] = [samples, pixels, depth];
    const x = randomArray(`x ${what}`, shape), dy = randomArray(`dy ${what}`, shape);
    // The second vector is of zeros, the third so short that epsilon counts.
    x.data.subarray(depth, 2 * depth).fill(0);
    x.data.subarray(2 * depth, 3 * depth).forEach((v, i, part) => part[i] = Math.fround(v * 1e-5));
    const y = new Float64Array(x.data.length), dx = new Float64Array(x.data.length);
    for (let start = 0; start < x.data.length; start += depth) {
      const [of, slope] = [x, dy].map(({ data }) => data.subarray(start, start + depth)) as [
        Float64Array,
        Float64Array,
      ];
      const length = Math.sqrt(of.reduce((sum, v) => sum + v * v, 0));
      const along = of.reduce((sum, v, d) => sum + v * slope[d]!, 0);
      for (let d = 0; d < depth; d++) {
        y[start + d] = of[d]! / (length + EPSILON);
        const back = length === 0 ? 0 : of[d]! * along / (length * (length + EPSILON) ** 2);
        dx[start + d] = slope[d]! / (length + EPSILON) - back;
      }
    }
    const before = tf.memory().numTensors;
    const [tx, tdy] = [x, dy].map(({ data }) => tf.tensor3d(Float32Array.from(data), shape)) as [
      tf.Tensor3D,
      tf.Tensor3D,
    ];
    const unit = unitVectors(tx, EPSILON);
    const gradient = tf.grad((x) => unitVectors(x as tf.Tensor3D, EPSILON))(tx, tdy);
    assert(error(await unit.data(), y) <= 1e-6, `${what}: value`);
    assert(error(await gradient.data(), dx) <= 1e-5, `${what}: gradient`);
    tf.dispose([tx, tdy, unit, gradient]);
    assertEquals(tf.memory().numTensors, before, `${what} leaks`);
  }
});
