import * as tf from "@tensorflow/tfjs";
import { byRows } from "../define/by_rows.ts";
import { attributesOf, defineOp } from "../define/define_op.ts";
import { like } from "../define/shapes.ts";
import { runGaussianFilter } from "./gaussian_filter.wgsl.ts";

/** Memory for a block of rows of the composition, where the caller does not say. */
const BLOCK_BYTES = 16 * 2 ** 20;

/** exp(−½ squared distance) of every row's point to every point: `[N,B,D]`, `[N,P,D]` → `[N,B,P]`. */
function alikeness(rows: tf.Tensor3D, points: tf.Tensor3D): tf.Tensor3D {
  const [samples, count, depth] = rows.shape, all = points.shape[1];
  // Differences before squares: |a|² + |b|² − 2a·b cancels where points lie close to one another and far from the origin.
  const squares = Array.from({ length: depth }, (_, d) => {
    const own = tf.slice(rows, [0, 0, d], [-1, -1, 1]);
    const others = tf.slice(points, [0, 0, d], [-1, -1, 1]);
    return tf.square(
      tf.sub<tf.Tensor3D>(
        tf.reshape(own, [samples, count, 1]),
        tf.reshape(others, [samples, 1, all]),
      ),
    );
  });
  return tf.exp(tf.mul(squares.reduce((sum, next) => tf.add(sum, next)), -0.5));
}

/** Σ_j exp(−½ ‖points_i − points_j‖²) · values_j for every i. */
export const gaussianFilterOp = defineOp({
  name: "GaussianFilter",
  summary: "sum of all pixels' values for every pixel, weighted by a Gaussian of their distance",
  inputs: { values: "[N,P,C]", points: "[N,P,D]" },
  attributes: attributesOf<{ readonly blockBytes: number }>(),
  output: "[N,P,C]",
  shape: ({ values }) => like(values),
  flops: {
    kind: "matrix product",
    count: ({ values: { shape: [samples, pixels, columns] }, points }) =>
      2 * samples * pixels * pixels * (columns + 2 * points.shape[2]),
  },
  webgpu: ({ values, points }, _, { backend }) => runGaussianFilter(backend, values, points),
  compose: ({ values, points }, { blockBytes }) =>
    byRows(
      points.shape,
      blockBytes,
      (rows) => tf.matMul(alikeness(rows(points), points), values),
    ),
  gradient: {
    saves: ["points"],
    // The kernel matrix is symmetric.
    towards: (dy, { points }, { blockBytes }) => ({
      values: () => gaussianFilter(dy, points, blockBytes),
    }),
  },
});

/**
 * A Gaussian filter of any dimension, computed by its definition: Σ_j exp(−½ ‖points_i − points_j‖²) · values_j, j = i included. Time
 * grows with the square of P, where a permutohedral lattice approximates it in linear time; but what it needs never leaves the
 * device, and the result is exact. Differentiable towards `values`; points are constants.
 *
 * @param values `[N,P,C]` float32
 * @param points `[N,P,D]`, in standard deviations
 * @param blockBytes memory that the kernel matrix may take where it is composed of tfjs's functions; the result does not depend on it
 * @returns `[N,P,C]`
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { gaussianFilter } from "seamstress/ops";
 * await tf.setBackend("cpu");
 * const values = tf.tensor3d([1, 0], [1, 2, 1]), points = tf.tensor3d([0, 0, 1, 1], [1, 2, 2]);
 * const [own, other] = gaussianFilter(values, points).dataSync();
 * assertAlmostEquals(own!, 1);
 * assertAlmostEquals(other!, Math.exp(-1), 1e-6);
 * ```
 */
export function gaussianFilter(
  values: tf.Tensor3D,
  points: tf.Tensor3D,
  blockBytes: number = BLOCK_BYTES,
): tf.Tensor3D {
  return gaussianFilterOp.run({ values, points }, { blockBytes });
}
