import * as tf from "@tensorflow/tfjs";
import { correlationGradientOp, correlationOp } from "./correlation.ts";

/** Default memory of a block of rows of A per sample: on wasm, larger blocks are no faster and smaller ones are slower. */
const BLOCK_BYTES = 4 * 2 ** 20;

/**
 * Replaces every pixel's scores by the mean of all pixels' scores, weighted by the similarity of the pixels' vectors: A = relu(f
 * fᵀ), out_j = Σ_i scores_i A_ij / (Σ_i A_ij + ε). The pixels x pixels matrix A is never stored as a whole, forward or backward: on
 * webgpu its tiles stay on chip, on the other backends it is computed in blocks of rows; the backward pass recomputes it.
 *
 * @param scores `[N,P,K]` float32; gets no gradient
 * @param unit `[N,P,D]` float32, one unit vector per pixel
 * @param epsilon added to the sum of a pixel's weights
 * @param blockBytes memory that a block of all samples' rows of A may take; the result does not depend on it
 * @returns `[N,P,K]`
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { correlatePixels } from "seamstress/ops";
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
    const [sum, total] = tf.split(correlationOp.run({ unit, values: sources }, { blockBytes }), [
      classes,
      1,
    ], 2) as [
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
        const dSums = tf.concat([dSum, dTotal], 2);
        // dA_ij + dA_ji, where dA = sources · dSumsᵀ: the gradients towards A_ij and A_ji of the symmetric A are computed together.
        const left = tf.concat([sources, dSums], 2), right = tf.concat([dSums, sources], 2);
        return correlationGradientOp.run({ unit, left, right }, { blockBytes });
      });
    return { value, gradFunc };
  });
  return weighted(unit);
}
