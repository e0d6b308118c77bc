import * as tf from "@tensorflow/tfjs";
import type { Group } from "../contracts/group.ts";
import type { StepGradients } from "./step.ts";

/** Which micro-batches of a step this rank computed. */
export interface Part {
  /** All of the step. */
  readonly micros: number;
  /** The first of this rank's, from 0. */
  readonly first: number;
  /** Losses of each. */
  readonly losses: number;
}

/**
 * Adds up the gradients of all ranks and collects their losses, so that each goes on with the same numbers. Waits for all.
 *
 * @param group the ranks
 * @param own gradients and losses of this rank's micro-batches; disposed
 * @param part which these are
 * @returns gradients of the whole batch, and the losses of all micro-batches in order
 * @throws {Error} where the ranks have gradients of different parameters
 */
export async function sumOverRanks(
  group: Group,
  own: StepGradients,
  { micros, first, losses }: Part,
): Promise<StepGradients> {
  if (group.size === 1) return own;
  const { gradients, values } = own;
  const names = Object.keys(gradients).sort();
  const shapes = names.map((name) => gradients[name]!.shape);
  const counts = await group.gather(names.join());
  const odd = counts.findIndex((names) => names !== counts[0]);
  if (odd >= 0) throw new Error(`Rank ${odd} has gradients of other parameters than rank 0`);
  const sizes = names.map((name) => gradients[name]!.size);
  // The losses first, each at its place: a sum with zeros is exact.
  const flat = new Float32Array(micros * losses + sizes.reduce((sum, size) => sum + size, 0));
  for (const [i, value] of values.entries()) {
    flat.set(await value.data<"float32">(), (first + i) * losses);
    value.dispose();
  }
  let at = micros * losses;
  for (const [i, name] of names.entries()) {
    flat.set(await gradients[name]!.data<"float32">(), at);
    // One by one: a network's parameters are large.
    gradients[name]!.dispose();
    at += sizes[i]!;
  }
  await group.sum(flat);
  at = 0;
  const next = <S extends tf.Rank>(shape: tf.ShapeMap[S]) => {
    const size = tf.util.sizeFromShape([...shape]);
    return tf.tensor<S>(flat.subarray(at, at += size), shape, "float32");
  };
  return {
    values: Array.from({ length: micros }, () => next<tf.Rank.R1>([losses])),
    gradients: Object.fromEntries(
      names.map((name, i) => [name, next(shapes[i] as tf.ShapeMap[tf.Rank])]),
    ),
  };
}
