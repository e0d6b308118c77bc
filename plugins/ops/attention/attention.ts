import * as tf from "@tensorflow/tfjs";

/** `[N,1,T,D]` → `[N,heads,T,D/heads]`. */
function split(x: tf.Tensor4D, heads: number): tf.Tensor4D {
  const [n, , tokens, channels] = x.shape;
  return tf.transpose(tf.reshape(x, [n, tokens, heads, channels / heads]), [0, 2, 1, 3]);
}

/**
 * Scaled dot-product attention, its weights: softmax(Q Kᵀ / √d) of each head (Vaswani et al., arXiv 1706.03762). For the backward pass it
 * keeps its result and the split queries and keys.
 *
 * @param queries `[N,1,T,D]` float32, the heads' channels one after the other
 * @param keys `[N,1,S,D]`
 * @param heads a divisor of D
 * @returns `[N,heads,T,S]`; rows sum to 1, row i says what token i reads
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { attentionWeights } from "seamstress/ops";
 * const same = tf.ones<tf.Rank.R4>([1, 1, 2, 4]);
 * assertEquals([...attentionWeights(same, same, 1).dataSync()], [0.5, 0.5, 0.5, 0.5]);
 * ```
 */
export function attentionWeights(
  queries: tf.Tensor4D,
  keys: tf.Tensor4D,
  heads: number,
): tf.Tensor4D {
  return tf.tidy(() => {
    const scale = Math.sqrt(heads / queries.shape[3]);
    const scaled = split(tf.mul(queries, scale), heads);
    return tf.softmax(tf.matMul<tf.Tensor4D>(scaled, split(keys, heads), false, true));
  });
}

/**
 * Reads values by attention weights: weights · V of each head, the heads' results side by side.
 *
 * @param weights `[N,heads,T,S]` float32, of {@linkcode attentionWeights}
 * @param values `[N,1,S,D]`
 * @returns `[N,1,T,D]`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { attend } from "seamstress/ops";
 * const weights = tf.tensor4d([0.5, 0.5], [1, 1, 1, 2]);
 * assertEquals([...attend(weights, tf.tensor4d([1, 3], [1, 1, 2, 1])).dataSync()], [2]);
 * ```
 */
export function attend(weights: tf.Tensor4D, values: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => {
    const [n, heads, tokens] = weights.shape, channels = values.shape[3];
    const read = tf.matMul<tf.Tensor4D>(weights, split(values, heads));
    return tf.reshape(tf.transpose(read, [0, 2, 1, 3]), [n, 1, tokens, channels]);
  });
}
