import * as tf from "@tensorflow/tfjs";
import { evenRanges } from "../../core/even_ranges.ts";

const EPSILON = 1e-5;

/** Smallest squared length that is divided by; far below {@linkcode EPSILON}², so that no result changes. */
const TINY = 1e-30;

/** What a block of A's rows may take: more gains no time, and A whole is 552 MB for a photograph of 500x375 at twice its size. */
const BLOCK_BYTES = 32 * 2 ** 20;

/**
 * The pixel correlation module: every pixel's scores become the mean of all pixels' scores, weighted by how alike the features
 * are. SEAM, section 3.3, eq. 8 and 9; author code `network/resnet38_SEAM.py`, `PCM`.
 *
 * f̂ = f / (‖f‖₂ + 1e-5), A = relu(f̂ f̂ᵀ), cam_rv_j = Σ_i cam_i A_ij / (Σ_i A_ij + 1e-5)
 *
 * @param cam `[N,h,w,K]` float32; gets no gradient, as the authors detach it
 * @param features `[N,h,w,D]` float32; a pixel whose features are all 0 has gradient 0
 * @param blockBytes memory that a block of A's rows may take; the result does not depend on it
 * @returns `[N,h,w,K]`
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { pixelCorrelation } from "./pcm.ts";
 * const cam = tf.tensor4d([1, 0, 0], [1, 1, 3, 1]);
 * const features = tf.tensor4d([2, 0, 5, 0, 0, 1], [1, 1, 3, 2]);
 * const revised = pixelCorrelation(cam, features).dataSync();
 * // The first two pixels are alike and share the score, the third is on its own.
 * [0.5, 0.5, 0].forEach((score, i) => assertAlmostEquals(revised[i]!, score, 1e-4));
 * ```
 */
export function pixelCorrelation(
  cam: tf.Tensor4D,
  features: tf.Tensor4D,
  blockBytes = BLOCK_BYTES,
): tf.Tensor4D {
  const [samples, height, width, classes] = cam.shape;
  const pixels = height * width;
  return tf.tidy(() => {
    const rows = tf.reshape<tf.Rank.R3>(features, [samples, pixels, features.shape[3]]);
    const squared = tf.maximum(tf.sum(tf.square(rows), 2, true), TINY);
    const unit = tf.div<tf.Tensor3D>(rows, tf.add(tf.sqrt(squared), EPSILON));
    const scores = tf.reshape<tf.Rank.R3>(cam, [samples, pixels, classes]);
    return tf.reshape(correlate(scores, unit, blockBytes), cam.shape);
  });
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

/** Reaches from every row of `a` to every row of `b`: `[N,P,D]`, `[N,Q,D]` → `[N,P,Q]`. */
function products(a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  return tf.matMul(a, b, false, true);
}

/**
 * The weighted mean with its gradient. Composed operations would keep five arrays of pixels x pixels for the backward pass and
 * divide the largest of them; here the division follows the sum, the weights are computed anew, and both sides of the symmetric
 * A come from one product. Every row of A counts for itself, forward and backward, so that blocks of rows can follow each other.
 *
 * @param scores `[N,P,K]`, no gradient
 * @param unit `[N,P,D]`
 * @param blockBytes memory that a block of rows may take
 * @returns `[N,P,K]`
 */
function correlate(scores: tf.Tensor3D, unit: tf.Tensor3D, blockBytes: number): tf.Tensor3D {
  const weighted = tf.customGrad((...args) => {
    const [f, save] = args as [tf.Tensor3D, tf.GradSaveFunc];
    const [samples, pixels, classes] = scores.shape;
    // With a column of ones beside the scores, one product gives their sum and the weights' sum.
    const sources = tf.concat([scores, tf.ones<tf.Rank.R3>([samples, pixels, 1])], 2);
    const sums = byRows(
      f.shape,
      blockBytes,
      (rows) => tf.matMul(tf.relu(products(rows(f), f)), sources),
    );
    const [sum, total] = tf.split(sums, [classes, 1], 2) as [tf.Tensor3D, tf.Tensor3D];
    const divisor = tf.add<tf.Tensor3D>(total, EPSILON);
    const value = tf.div<tf.Tensor3D>(sum, divisor);
    save([f, sources, value, divisor]);
    const gradFunc = (dy: tf.Tensor3D, saved: tf.Tensor[]) =>
      tf.tidy(() => {
        const [f, sources, value, divisor] = saved as [
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor3D,
        ];
        const dSum = tf.div<tf.Tensor3D>(dy, divisor);
        const dTotal = tf.neg(tf.sum(tf.mul(dSum, value), 2, true)) as tf.Tensor3D;
        const dSums = tf.concat([dSum, dTotal], 2);
        // dA_ij + dA_ji, where dA = sources · dSumsᵀ.
        const left = tf.concat([sources, dSums], 2), right = tf.concat([dSums, sources], 2);
        return byRows(f.shape, blockBytes, (rows) => {
          const slope = products(rows(left), right);
          return tf.matMul(tf.mul<tf.Tensor3D>(slope, tf.step(products(rows(f), f))), f);
        });
      });
    return { value, gradFunc };
  });
  return weighted(unit);
}
