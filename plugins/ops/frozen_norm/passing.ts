import * as tf from "@tensorflow/tfjs";
import type { FrozenNormAttributes } from "./attributes.ts";

/**
 * Mask of the elements where an activation passes gradients.
 *
 * @param y result of the activation
 * @param activation `relu` or `relu6`; `none` passes everything
 * @returns 1 where gradients pass, 0 elsewhere
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { passing } from "./passing.ts";
 * assertEquals([...passing(tf.tensor1d([0, 3, 6]), "relu6").dataSync()], [0, 1, 0]);
 * ```
 */
export function passing(
  y: tf.Tensor,
  activation: Exclude<FrozenNormAttributes["activation"], "none">,
): tf.Tensor {
  const above = tf.step(y);
  return activation === "relu6" ? tf.mul(above, tf.step(tf.sub(6, y))) : above;
}
