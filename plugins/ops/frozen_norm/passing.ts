import * as tf from "@tensorflow/tfjs";
import type { FrozenNormAttributes } from "./attributes.ts";

/**
 * Where an activation lets gradients pass.
 *
 * @param y what it gave
 * @param activation not `none`, which lets all pass
 * @returns 1 there, 0 elsewhere
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
