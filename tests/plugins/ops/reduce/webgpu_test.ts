import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { reducedAxes } from "../../../../plugins/ops/reduce/reduced_axes.ts";
import type { WebGpu } from "../../../../plugins/ops/webgpu/program.ts";
import { runReduce } from "../../../../plugins/ops/reduce/reduce.wgsl.ts";
import { randomArray } from "../random.ts";
import { error } from "../reference.ts";
import { readInfo, webgpuTest } from "../webgpu/setup.ts";

/** Reduces by the definition, in float64. */
function reference(x: Float32Array, shape: readonly number[], axes: readonly number[]) {
  const { outer, middle, inner } = reducedAxes(shape, axes)!;
  const results = Array.from({ length: outer * inner }, (_, at) => {
    const column = at % inner, section = (at - column) / inner;
    return Array.from(
      { length: middle },
      (_, i) => x[(section * middle + i) * inner + column]!,
    );
  });
  const sum = results.map((values) => values.reduce((a, b) => a + b, 0));
  return {
    sum,
    mean: sum.map((value) => value / middle),
    max: results.map((values) => values.reduce((a, b) => Math.max(a, b))),
    min: results.map((values) => values.reduce((a, b) => Math.min(a, b))),
  };
}

const CASES: readonly (readonly [number[], number[]])[] = [
  [[3, 5, 7, 21], [3]],
  [[3, 5, 7, 21], [1, 2]],
  [[2, 33, 31, 3], [1, 2]],
  [[1, 90, 91, 1], [1, 2]],
  [[2, 40, 41, 195], [1, 2]],
  [[1, 7, 9, 4096], [1, 2]],
  [[2, 17, 19, 64], [0, 1, 2]],
  [[5, 1000], [1]],
  [[5, 1000], [0]],
  [[70001], [0]],
  [[1, 1, 1, 1], [0, 1, 2, 3]],
  [[3, 1, 1, 65], [1, 2]],
  [[300, 300, 5], [0, 1]],
];

webgpuTest("reductions over neighbouring axes equal their definition", async () => {
  for (const [shape, axes] of CASES) {
    const { data } = randomArray(`reduce ${shape}`, shape);
    const values = Float32Array.from(data, (value) => value - 0.25);
    const x = tf.tensor(values, shape);
    const want = reference(values, shape, axes);
    for (const op of ["sum", "mean", "max", "min"] as const) {
      for (const keepDims of [false, true]) {
        const y = tf[op](x, axes, keepDims);
        const what = `${op} of ${shape} over ${axes}`;
        const kept = shape.map((size, i) => axes.includes(i) ? 1 : size);
        assertEquals(y.shape, keepDims ? kept : shape.filter((_, i) => !axes.includes(i)), what);
        assert(error(await y.data(), want[op]) <= 1e-5, what);
        y.dispose();
      }
    }
    x.dispose();
  }
});

webgpuTest(
  "reductions are planned otherwise on a GPU than on a CPU, with the same results",
  async () => {
    const current = tf.backend() as unknown as WebGpu;
    for (const software of [false, true]) {
      const backend: WebGpu = {
        software,
        maxTensorBytes: current.maxTensorBytes,
        disposeData: (dataId) => current.disposeData(dataId),
        runWebGPUProgram: (...args) => current.runWebGPUProgram(...args),
      };
      for (
        const [shape, axes] of [...CASES, [[1, 200, 201, 21], [1, 2]], [[530001], [0]]] as const
      ) {
        const { data } = randomArray(`reduce ${shape}`, shape);
        const values = Float32Array.from(data, (value) => value - 0.25);
        const x = tf.tensor(values, [...shape]);
        const want = reference(values, shape, axes);
        for (const reduction of ["mean", "max"] as const) {
          const found = runReduce(backend, x, reducedAxes(shape, axes)!, reduction);
          const what = `${reduction} of ${shape} over ${axes}, ${software ? "CPU" : "GPU"}`;
          assert(error(await readInfo(found), want[reduction]) <= 1e-5, what);
        }
        x.dispose();
      }
    }
  },
);

webgpuTest("maxima and minima with NaN are NaN, those of infinities exact", async () => {
  for (const [shape, axes] of [[[2, 700, 3], [1]], [[6, 5], [1]], [[4000], [0]]] as const) {
    const size = tf.util.sizeFromShape([...shape]);
    const values = new Float32Array(size).fill(-Infinity);
    values[size - 2] = NaN;
    const x = tf.tensor(values, [...shape]);
    for (const op of ["max", "min"] as const) {
      const y = tf[op](x, [...axes]);
      const want = reference(values, shape, axes)[op];
      assertEquals([...await y.data()], want, `${op} of ${shape}`);
      y.dispose();
    }
    x.dispose();
  }
});

webgpuTest("reductions of other types and of axes apart stay tfjs's own", async () => {
  const whole = tf.tensor3d(Array.from({ length: 24 }, (_, i) => i), [2, 3, 4]);
  const apart = tf.sum(whole, [0, 2]);
  const integers = tf.tidy(() => tf.max(whole.cast("int32"), 2));
  assertEquals([...await apart.data()], [60, 92, 124]);
  assertEquals(integers.dtype, "int32");
  assertEquals([...await integers.data()], [3, 7, 11, 15, 19, 23]);
  tf.dispose([whole, apart, integers]);
});
