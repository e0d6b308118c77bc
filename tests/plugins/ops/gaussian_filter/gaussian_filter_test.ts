import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { gaussianFilter } from "../../../../plugins/ops/gaussian_filter/gaussian_filter.ts";
import { eachBackend } from "../../../backends.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";
import { denseKernel, filtered } from "./brute_force.ts";

/** By its definition, of one image after the other. */
function reference(values: Float64Array, points: Float64Array, shape: readonly number[]) {
  const [samples, pixels, columns, depth] = shape as [number, number, number, number];
  const out = new Float64Array(values.length);
  for (let n = 0; n < samples; n++) {
    const from = n * pixels, own = points.subarray(from * depth, (from + pixels) * depth);
    const kernel = denseKernel(own, depth);
    for (let c = 0; c < columns; c++) {
      const place = (pixel: number) => (from + pixel) * columns + c;
      const column = Float64Array.from({ length: pixels }, (_, i) => values[place(i)]!);
      filtered(kernel, column).forEach((value, i) => out[place(i)] = value);
    }
  }
  return out;
}

eachBackend("gaussianFilter() and its gradient equal the definition", async () => {
  // Beyond a workgroup's pixels and columns, and sizes that no vector register divides.
  for (
    const shape of [[1, 1, 1, 1], [2, 67, 3, 5], [1, 130, 21, 5], [2, 64, 4, 2], [1, 70, 42, 3]]
  ) {
    const [samples, pixels, columns, depth] = shape as [number, number, number, number];
    const what = shape.join("x");
    const values = randomArray(`values ${what}`, [samples, pixels, columns]);
    const dy = randomArray(`dy ${what}`, [samples, pixels, columns]);
    const points = randomArray(`points ${what}`, [samples, pixels, depth]);
    // Far from the origin as levels of colours are: float32 differences of squares would lose them.
    points.data.forEach((x, i) => points.data[i] = Math.fround(15 + 1.5 * x));
    const before = tf.memory().numTensors;
    const [v, d, p] = [values, dy, points].map(({ data, shape }) =>
      tf.tensor3d(Float32Array.from(data), shape as [number, number, number])
    ) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
    // Room for a few rows only, where it is composed.
    const filter = (x: tf.Tensor) => gaussianFilter(x as tf.Tensor3D, p, 4 * samples * pixels * 9);
    const y = filter(v), gradient = tf.grad(filter)(v, d);
    const wanted = (data: Float64Array) => reference(data, points.data, shape);
    assert(error(await y.data(), wanted(values.data)) <= 1e-5, `${what}: value`);
    assert(error(await gradient.data(), wanted(dy.data)) <= 1e-5, `${what}: gradient`);
    tf.dispose([v, d, p, y, gradient]);
    assertEquals(tf.memory().numTensors, before, `${what} leaks`);
  }
});
