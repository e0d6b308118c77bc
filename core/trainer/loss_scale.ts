import * as tf from "@tensorflow/tfjs";
import type { Gradients } from "../contracts/optimizer.ts";

/** Factor on the loss of a training in half precision, so that small gradients do not vanish; plain JSON, kept in checkpoints. */
export interface LossScale {
  /** A power of 2, at least 1: scaling by it rounds nothing. */
  readonly factor: number;
  /** Steps since it last changed. */
  readonly steps: number;
}

/** As PyTorch's `GradScaler` begins. */
export const INITIAL_SCALE: LossScale = { factor: 2 ** 16, steps: 0 };

/** Steps without overflow after which the scale is doubled, as PyTorch's `growth_interval`. */
const GROWS_AFTER = 2000;

/** The largest scale: a half holds up to 2^15, and a scaled loss must stay within float32's range. */
const LARGEST = 2 ** 24;

/**
 * @param scale of a step whose gradients were finite
 * @returns the next step's
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { afterStep } from "./loss_scale.ts";
 * assertEquals(afterStep({ factor: 8, steps: 0 }), { factor: 8, steps: 1 });
 * assertEquals(afterStep({ factor: 8, steps: 1999 }), { factor: 16, steps: 0 });
 * ```
 */
export function afterStep({ factor, steps }: LossScale): LossScale {
  if (steps + 1 < GROWS_AFTER) return { factor, steps: steps + 1 };
  return { factor: Math.min(2 * factor, LARGEST), steps: 0 };
}

/**
 * @param scale of a step whose gradients overflowed
 * @returns half of it, or undefined where it is 1
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { afterOverflow } from "./loss_scale.ts";
 * assertEquals(afterOverflow({ factor: 8, steps: 7 }), { factor: 4, steps: 0 });
 * assertEquals(afterOverflow({ factor: 1, steps: 7 }), undefined);
 * ```
 */
export function afterOverflow({ factor }: LossScale): LossScale | undefined {
  return factor > 1 ? { factor: factor / 2, steps: 0 } : undefined;
}

/**
 * Divides gradients by the loss scale.
 *
 * @param gradients scaled; disposed
 * @param factor of the scale
 * @returns gradients, owned by the caller
 */
export function unscale(gradients: Gradients, factor: number): Gradients {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, scaled]) => {
      // A quotient: a product of a map in float16 would be stored in float16, where small gradients vanish.
      const gradient = tf.div(scaled, factor);
      // One by one: a network's parameters are large.
      scaled.dispose();
      return [name, gradient];
    }),
  );
}

/**
 * Looks for values that are not finite; waits for the device.
 *
 * @param tensors of any shapes, by name
 * @returns names of those that hold one
 */
export async function notFinite(tensors: Readonly<Record<string, tf.Tensor>>): Promise<string[]> {
  const names = Object.keys(tensors);
  if (names.length === 0) return [];
  // A sum is finite where all its terms are: those of gradients are far from float32's largest.
  const sums = tf.tidy(() => tf.stack(names.map((name) => tensors[name]!.sum())));
  const values = await sums.data();
  sums.dispose();
  return names.filter((_, i) => !Number.isFinite(values[i]));
}
