import type * as tf from "@tensorflow/tfjs";
import { maxNormOp } from "../../ops/max_norm/max_norm.ts";

const EPSILON = 1e-5;

/**
 * Scales every class's map to 0..1 by its own extremes: p = relu(p); relu(p − min − 1e-5) / (max − min + 1e-5). Author code:
 * `tool/visualization.py`, `max_norm`. Gradients flow through both extremes, to the first of equal ones.
 *
 * @param cam `[N,H,W,K]` float32, raw scores
 * @returns `[N,H,W,K]` in 0..1
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs";
 * import { maxNorm } from "seamstress/wsss";
 * const map = maxNorm(tf.tensor4d([-4, 1, 2], [1, 1, 3, 1])).dataSync();
 * [0, 0.5, 1].forEach((value, i) => assertAlmostEquals(map[i]!, value, 1e-4));
 * ```
 */
export function maxNorm(cam: tf.Tensor4D): tf.Tensor4D {
  return maxNormOp.run({ x: cam }, { epsilon: EPSILON });
}
