import * as tf from "@tensorflow/tfjs";
import type { Gradients } from "./contracts/optimizer.ts";
import { matchesAny } from "./glob.ts";

/** Keeps the factor finite where all gradients are 0; PyTorch's. */
const EPSILON = 1e-6;

/**
 * Scales gradients so that the Euclidean norm of all matching ones together is at most `max`, as
 * `torch.nn.utils.clip_grad_norm_` does: all times min(1, max / (norm + 1e-6)).
 *
 * @param gradients by parameter name; not changed, not disposed
 * @param max largest norm, > 0
 * @param match parameters that count and are scaled, as globs; the others pass unchanged
 * @returns new tensors, those that pass included
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 * import { clipByNorm } from "./clip.ts";
 * const clipped = clipByNorm({ w: tf.tensor1d([3]), b: tf.tensor1d([4]) }, 1, ["*"]);
 * assertAlmostEquals(clipped["b"].dataSync()[0], 0.8, 1e-6);
 * ```
 */
export function clipByNorm<G extends Gradients>(
  gradients: G,
  max: number,
  match: readonly string[],
): { [N in keyof G]: tf.Tensor } {
  return tf.tidy(() => {
    const entries = Object.entries(gradients);
    const counted = entries.filter(([name]) => matchesAny(name, match));
    if (counted.length === 0) return mapValues(entries, (gradient) => gradient.clone());
    const squares = counted.map(([, gradient]) => gradient.square().sum());
    const norm = tf.stack(squares).sum().sqrt();
    const factor = tf.minimum(1, tf.div(max, norm.add(EPSILON)));
    const names = new Set(counted.map(([name]) => name));
    return mapValues(
      entries,
      (gradient, name) => names.has(name) ? gradient.mul(factor) : gradient.clone(),
    );
  }) as { [N in keyof G]: tf.Tensor };
}

function mapValues(
  entries: readonly (readonly [string, tf.Tensor])[],
  change: (gradient: tf.Tensor, name: string) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(entries.map(([name, gradient]) => [name, change(gradient, name)]));
}
