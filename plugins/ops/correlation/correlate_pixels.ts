import * as tf from "@tensorflow/tfjs";
import { evenRanges } from "../webgpu/even_ranges.ts";
import { CORRELATION, CORRELATION_GRADIENT, runOwnKernel } from "../own_kernels.ts";

/** What a block of a sample's rows of A may take where rows are computed in blocks: more gains no time on wasm, less costs some. */
const BLOCK_BYTES = 4 * 2 ** 20;

/**
 * Every pixel's scores become the mean of all pixels' scores, weighted by how alike the pixels' vectors are:
 * A = relu(f fᵀ), out_j = Σ_i scores_i A_ij / (Σ_i A_ij + ε). No array of pixels x pixels is ever whole, forward or backward: on webgpu
 * A lives on chip, tile by tile, elsewhere it is computed in blocks of rows; the backward pass computes it anew.
 *
 * @param scores `[N,P,K]` float32; gets no gradient
 * @param unit `[N,P,D]` float32, one vector a pixel
 * @param epsilon added to the sum of a pixel's weights
 * @param blockBytes memory that a block of all samples' rows of A may take; the result does not depend on it
 * @returns `[N,P,K]`
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { correlatePixels } from "./correlate_pixels.ts";
 * const scores = tf.tensor3d([1, 0, 0], [1, 3, 1]);
 * const unit = tf.tensor3d([1, 0, 1, 0, 0, 1], [1, 3, 2]);
 * const mean = correlatePixels(scores, unit, 1e-5).dataSync();
 * // The first two pixels are alike and share the score, the third is on its own.
 * [0.5, 0.5, 0].forEach((score, i) => assertAlmostEquals(mean[i]!, score, 1e-4));
 * ```
 */
export function correlatePixels(
  scores: tf.Tensor3D,
  unit: tf.Tensor3D,
  epsilon: number,
  blockBytes = BLOCK_BYTES * scores.shape[0],
): tf.Tensor3D {
  const weighted = tf.customGrad((...args) => {
    const [unit, save] = args as [tf.Tensor3D, tf.GradSaveFunc];
    const [samples, pixels, classes] = scores.shape;
    // With a column of ones beside the scores, one product gives their sum and the weights' sum.
    const sources = tf.concat([scores, tf.ones<tf.Rank.R3>([samples, pixels, 1])], 2);
    const [sum, total] = tf.split(sums(unit, sources, blockBytes), [classes, 1], 2) as [
      tf.Tensor3D,
      tf.Tensor3D,
    ];
    const divisor = tf.add<tf.Tensor3D>(total, epsilon);
    const value = tf.div<tf.Tensor3D>(sum, divisor);
    save([unit, sources, value, divisor]);
    const gradFunc = (dy: tf.Tensor3D, saved: tf.Tensor[]) =>
      tf.tidy(() => {
        const [unit, sources, value, divisor] = saved as [
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
        ];
        const dSum = tf.div<tf.Tensor3D>(dy, divisor);
        const dTotal = tf.neg(tf.sum(tf.mul(dSum, value), 2, true)) as tf.Tensor3D;
        return sumsGradient(unit, sources, tf.concat([dSum, dTotal], 2), blockBytes);
      });
    return { value, gradFunc };
  });
  return weighted(unit);
}

/** Σ_i relu(unit_j · unit_i) · sources_i: `[N,P,D]`, `[N,P,C]` → `[N,P,C]`. */
function sums(unit: tf.Tensor3D, sources: tf.Tensor3D, blockBytes: number): tf.Tensor3D {
  return runOwnKernel<tf.Tensor3D>(CORRELATION, { unit, values: sources }, {}) ??
    byRows(
      unit.shape,
      blockBytes,
      (rows) => tf.matMul(tf.relu(products(rows(unit), unit)), sources),
    );
}

/**
 * Gradient of {@linkcode sums} towards `unit`. Both sides of the symmetric A come from one product, and every row of A counts for
 * itself, so that rows can be computed in any order.
 *
 * @param unit `[N,P,D]`
 * @param sources `[N,P,C]`
 * @param dSums `[N,P,C]`
 * @param blockBytes memory that a block of rows may take
 * @returns `[N,P,D]`
 */
function sumsGradient(
  unit: tf.Tensor3D,
  sources: tf.Tensor3D,
  dSums: tf.Tensor3D,
  blockBytes: number,
): tf.Tensor3D {
  // dA_ij + dA_ji, where dA = sources · dSumsᵀ.
  const left = tf.concat([sources, dSums], 2), right = tf.concat([dSums, sources], 2);
  return runOwnKernel<tf.Tensor3D>(CORRELATION_GRADIENT, { unit, left, right }, {}) ??
    byRows(unit.shape, blockBytes, (rows) => {
      const slope = products(rows(left), right);
      return tf.matMul(tf.mul<tf.Tensor3D>(slope, tf.step(products(rows(unit), unit))), unit);
    });
}

/** Reaches from every row of `a` to every row of `b`: `[N,P,D]`, `[N,Q,D]` → `[N,P,Q]`. */
function products(a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  return tf.matMul(a, b, false, true);
}

/**
 * Computes `[N,P,·]` from `[N,P,·]` a block of rows at a time, so that no array of P x P is ever whole.
 *
 * @param shape N and P
 * @param blockBytes memory that a `[N,block,P]` float32 array may take
 * @param compute gives a block of the result; `rows` takes the block's rows of an array
 * @returns the result
 */
function byRows(
  [samples, pixels]: readonly number[],
  blockBytes: number,
  compute: (rows: (whole: tf.Tensor3D) => tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor3D {
  const most = Math.max(Math.floor(blockBytes / (4 * samples! * pixels!)), 1);
  const blocks = evenRanges(pixels!, most).map(({ from, count }) =>
    tf.tidy(() =>
      compute((whole) => count === pixels ? whole : whole.slice([0, from, 0], [-1, count, -1]))
    )
  );
  return tf.concat(blocks, 1);
}
