import * as tf from "@tensorflow/tfjs";
import type { Gradients, Optimizer } from "../../../core/contracts/optimizer.ts";
import { userError } from "../../../core/errors.ts";
import { matchesAny } from "../parameters/glob.ts";
import type { Params } from "../../../core/contracts/params.ts";
import type { Link } from "./chain.ts";

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

/** Which gradients are clipped, and how far. */
export interface Clipping {
  /** Largest Euclidean norm of all matching gradients together, > 0. */
  readonly norm: number;
  /** Names of parameters that count and are scaled, `*` for any text. */
  readonly match: readonly string[];
}

/**
 * {@linkcode clipByNorm} as the first link of a chain.
 *
 * @param clipping which gradients, and how far
 * @returns a link
 */
export function clipGradients({ norm, match }: Clipping): Link {
  return {
    apply(updates) {
      const gradients = Object.fromEntries(updates.map(({ name, gradient }) => [name, gradient]));
      const clipped = clipByNorm(gradients, norm, match);
      return updates.map((update) => ({ ...update, gradient: clipped[update.name]! }));
    },
  };
}

/**
 * Clips gradients before any optimizer, whether or not it is a chain.
 *
 * @param optimizer gets the clipped gradients; disposed with the result
 * @param clipping which gradients, and how far
 * @param params the network's parameters
 * @returns the optimizer with clipping
 * @throws {RangeError} where no trainable parameter matches
 */
export function withClipping(
  optimizer: Optimizer,
  { norm, match }: Clipping,
  params: Params,
): Optimizer {
  if (!params.trainable().some(({ name }) => matchesAny(name, match))) {
    throw userError(
      new RangeError(`Cannot clip gradients: no trainable parameter matches ${match.join(", ")}`),
    );
  }
  return {
    ...optimizer,
    update(gradients, step) {
      optimizer.update(clipByNorm(gradients, norm, match), step);
    },
  };
}
