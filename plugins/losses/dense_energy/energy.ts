import * as tf from "@tensorflow/tfjs";
import { gaussianFilter } from "seamstress/ops";

/** Pixels and what they count, the same for every class. */
export interface EnergyTerms {
  /** `[N,P,D]`: position and colour in standard deviations of the kernel. */
  readonly points: tf.Tensor3D;
  /** `[N,P,1]`: what a pixel's probabilities are multiplied by. */
  readonly inside: tf.Tensor3D;
  /** `[N,P,1]`: how much a pixel's disagreement with the others counts. */
  readonly gate: tf.Tensor3D;
}

/**
 * What is handed back as the energy's gradient, where gates differ from pixel to pixel: `exact`, its derivative with gates as
 * constants; `authors`, twice each pixel's own half of it, which is the derivative only where all gates are alike.
 */
export type Slope = "exact" | "authors";

/**
 * Dense energy: −Σ_i Σ_j gate_i · s_i · K_ij · s_j over pixels and classes, mean over images, where s = soft · inside and K is a
 * Gaussian of position and colour. It is low where pixels that look alike and are near have the same class.
 *
 * @param soft `[N,P,K]`: probabilities; the one input that a gradient goes to
 * @param terms of the pixels
 * @param slope which gradient
 * @returns scalar
 */
export function denseEnergy(
  soft: tf.Tensor3D,
  { points, inside, gate }: EnergyTerms,
  slope: Slope,
): tf.Scalar {
  const energy = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor3D, tf.GradSaveFunc];
    const [samples, , classes] = x.shape;
    const s = tf.mul<tf.Tensor3D>(x, inside), gated = tf.mul<tf.Tensor3D>(s, gate);
    // Both filters at once: what takes time is the kernel, not the columns.
    const sources = slope === "exact" ? tf.concat([s, gated], 2) : s;
    const filtered = gaussianFilter(sources, points);
    const own = tf.mul(tf.slice(filtered, [0, 0, 0], [-1, -1, classes]), gate);
    const others = slope === "exact" ? tf.slice(filtered, [0, 0, classes], [-1, -1, -1]) : own;
    save([tf.mul(tf.mul(tf.add(own, others), inside), -1 / samples)]);
    return {
      // Axis by axis: float32 sums of many terms keep more digits so.
      value: tf.mul(tf.sum(tf.sum(tf.sum(tf.mul(s, own), 2), 1), 0), -1 / samples).asScalar(),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(saved!, dy),
    };
  });
  return energy(soft) as tf.Scalar;
}
