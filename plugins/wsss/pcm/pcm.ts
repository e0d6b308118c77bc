import * as tf from "@tensorflow/tfjs";
import { correlatePixels } from "../../ops/correlation/correlate_pixels.ts";
import { unitVectors } from "../../ops/unit_vectors/unit_vectors.ts";

/** Added to lengths and sums before a division, as the authors do. */
export const EPSILON = 1e-5;

/**
 * The pixel correlation module: every pixel's scores become the mean of all pixels' scores, weighted by how alike the features
 * are. SEAM, section 3.3, eq. 8 and 9; author code `network/resnet38_SEAM.py`, `PCM`.
 *
 * f̂ = f / (‖f‖₂ + 1e-5), A = relu(f̂ f̂ᵀ), cam_rv_j = Σ_i cam_i A_ij / (Σ_i A_ij + 1e-5)
 *
 * @param cam `[N,h,w,K]` float32; gets no gradient, as the authors detach it
 * @param features `[N,h,w,D]` float32; a pixel whose features are all 0 has gradient 0
 * @param blockBytes memory that a block of A's rows may take on backends that compute A in blocks; the result does not depend on it
 * @returns `[N,h,w,K]`
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { pixelCorrelation } from "seamstress/wsss";
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
  blockBytes?: number,
): tf.Tensor4D {
  const [samples, height, width, classes] = cam.shape;
  const pixels = height * width;
  return tf.tidy(() => {
    const vectors = tf.reshape<tf.Rank.R3>(features, [samples, pixels, features.shape[3]]);
    const scores = tf.reshape<tf.Rank.R3>(cam, [samples, pixels, classes]);
    const revised = correlatePixels(scores, unitVectors(vectors, EPSILON), EPSILON, blockBytes);
    return tf.reshape(revised, cam.shape);
  });
}
