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

/** Tensors of two kinds under one roof, and back. */
const GRADIENT = "gradient ", GATHERED = "gathered ";
const prefixed = (prefix: string, tensors: Readonly<Record<string, tf.Tensor>>) =>
  Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor] as const);

/**
 * Adds up the gradients of all ranks, what method and losses handed on likewise, and collects their losses, so that each goes on with the same numbers. Waits for all.
 *
 * @param group the ranks
 * @param own gradients and losses of this rank's micro-batches; disposed
 * @param part which these are
 * @returns of the whole batch; the losses of all micro-batches in order
 * @throws {Error} where the ranks have gradients of different parameters, or hand on values of different names or shapes
 */
export async function sumOverRanks(
  group: Group,
  own: StepGradients,
  { micros, first, losses }: Part,
): Promise<StepGradients> {
  if (group.size === 1) return own;
  const { values } = own;
  const tensors = Object.fromEntries([
    ...prefixed(GRADIENT, own.gradients),
    ...prefixed(GATHERED, own.gathered ?? {}),
  ]);
  const names = Object.keys(tensors).sort();
  const shapes = names.map((name) => tensors[name]!.shape);
  const counts = await group.gather(names.map((name, i) => `${name} [${shapes[i]}]`));
  for (const [rank, found] of counts.entries()) {
    const odd = [...found, ...counts[0]!].find((name) =>
      found.includes(name) !== counts[0]!.includes(name)
    );
    if (odd !== undefined) {
      throw new Error(
        `Cannot add up over ranks: of rank 0 and rank ${rank} one alone has ${odd}; what a method or loss gathers ` +
          "must not depend on the samples of a micro-batch",
      );
    }
  }
  const sizes = names.map((name) => tensors[name]!.size);
  // The losses first, each at its place: a sum with zeros is exact.
  const flat = new Float32Array(micros * losses + sizes.reduce((sum, size) => sum + size, 0));
  for (const [i, value] of values.entries()) {
    flat.set(await value.data<"float32">(), (first + i) * losses);
    value.dispose();
  }
  let at = micros * losses;
  for (const [i, name] of names.entries()) {
    flat.set(await tensors[name]!.data<"float32">(), at);
    // One by one: a network's parameters are large.
    tensors[name]!.dispose();
    at += sizes[i]!;
  }
  await group.sum(flat);
  at = 0;
  const next = <S extends tf.Rank>(shape: tf.ShapeMap[S]) => {
    const size = tf.util.sizeFromShape([...shape]);
    return tf.tensor<S>(flat.subarray(at, at += size), shape, "float32");
  };
  const all = Array.from({ length: micros }, () => next<tf.Rank.R1>([losses]));
  const summed = names.map((name, i) => [name, next(shapes[i] as tf.ShapeMap[tf.Rank])] as const);
  const under = (prefix: string) =>
    Object.fromEntries(
      summed.filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  return { values: all, gradients: under(GRADIENT), gathered: under(GATHERED) };
}
