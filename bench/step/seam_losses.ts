import type * as tf from "@tensorflow/tfjs";
import { type Method, type Registry, Rng } from "seamstress";
import { FIRST_STEP, microGradients, type Model, type WeightedLoss } from "seamstress/wsss";

/** The losses of SEAM, in the order in which a step gives their values. */
export const LOSSES = ["classification", "min-pooling", "er", "ecr"] as const;

/**
 * Makes SEAM's losses, each with weight 1 from the first step.
 *
 * @param registry has them
 * @returns in the order of {@linkcode LOSSES}
 */
export async function seamLosses(registry: Registry): Promise<readonly WeightedLoss[]> {
  return await Promise.all(LOSSES.map(async (name) => ({
    name,
    loss: await registry.create("loss", { use: name }, undefined),
    weight: 1,
    start: 0,
  })));
}

/**
 * Gradients of one micro-batch that is a whole batch.
 *
 * @param model trained
 * @param method that runs it
 * @param losses that count
 * @param image `[N,H,W,3]` float32
 * @param label `[N,C]` float32
 * @param seed of all that is random
 * @param how what the backward pass computes again; a factor on the gradients
 * @returns gradients and loss values, which the caller disposes
 */
export function wholeGradients(
  model: Model,
  method: Method,
  losses: readonly WeightedLoss[],
  image: tf.Tensor4D,
  label: tf.Tensor2D,
  seed: number,
  { recompute, factor = 1 }: { readonly recompute?: "blocks"; readonly factor?: number } = {},
): ReturnType<typeof microGradients> {
  const forward = () =>
    method.step({ image, targets: { label } }, {
      ...FIRST_STEP,
      model,
      rng: Rng.of(seed, "step"),
      context: (view) => ({
        training: true,
        ...recompute && { recompute },
        rng: (sample, purpose) => Rng.of(seed, view, sample, purpose),
      }),
    });
  return microGradients(model.params, losses, 1, forward, factor);
}
