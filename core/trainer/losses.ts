import * as tf from "@tensorflow/tfjs";
import type { WeightedLoss } from "./gradients.ts";
import type { MicroBatch } from "./micro_batch.ts";

/** A loss that is NaN or infinite. */
export interface NotFinite {
  /** The loss. */
  readonly name: string;
  readonly value: number;
  /** Samples of the micro-batch. */
  readonly samples: readonly string[];
}

/**
 * Reads a step's losses from the device, all at once, to wait for it only once.
 *
 * @param losses the K losses of the step
 * @param micros the step's micro-batches
 * @param values `[K]` float32 a micro-batch, unweighted; disposed
 * @returns the losses of the whole batch by name, unweighted, and `loss`, their weighted total; or the first that is not finite
 */
export async function readLosses(
  losses: readonly WeightedLoss[],
  micros: readonly MicroBatch[],
  values: readonly tf.Tensor1D[],
): Promise<{ readonly found: Record<string, number> } | { readonly notFinite: NotFinite }> {
  const all = tf.concat1d([...values]);
  const read = await all.data<"float32">();
  tf.dispose([all, ...values]);
  const found: Record<string, number> = { loss: 0 };
  for (const [k, { name, weight }] of losses.entries()) {
    let mean = 0;
    for (const [m, { batch, from, to, share }] of micros.entries()) {
      const value = read[m * losses.length + k]!;
      if (!Number.isFinite(value)) {
        return { notFinite: { name, value, samples: batch.names.slice(from, to) } };
      }
      mean += share * value;
    }
    found[name] = mean;
    found["loss"]! += weight * mean;
  }
  return { found };
}
