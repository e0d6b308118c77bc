import * as tf from "@tensorflow/tfjs";

/** Pixels of a view and what is known of them. */
export interface ContrastedView {
  /** `[M,D]`, of length 1; the gradient goes here. */
  readonly pixels: tf.Tensor2D;
  /** `[K,D]`, of length 1; constant. */
  readonly prototypes: tf.Tensor2D;
  /** `[M,K]` of 0 and 1: each pixel's class. */
  readonly classes: tf.Tensor2D;
}

/** Products of pixels and prototypes, both of length 1. `[M,K]` */
export function similarities({ pixels }: Pick<ContrastedView, "pixels">, prototypes: tf.Tensor2D) {
  return tf.matMul<tf.Tensor2D>(pixels, prototypes, false, true);
}

/**
 * Contrast of pixels and prototypes, InfoNCE: −log(exp(own / τ) / Σ exp(counted / τ)).
 *
 * @param similarity `[M,K]`
 * @param classes `[M,K]`, each pixel's own
 * @param counted `[M,K]`, how often a prototype counts in the sum
 * @param temperature τ
 * @returns `[M]`
 */
export function contrast(
  similarity: tf.Tensor2D,
  classes: tf.Tensor2D,
  counted: tf.Tensor2D,
  temperature: number,
): tf.Tensor1D {
  const logits = tf.div(similarity, temperature);
  const own = tf.sum(tf.mul(logits, classes), 1);
  return tf.sub(tf.log(tf.sum(tf.mul(tf.exp(logits), counted), 1)), own);
}
