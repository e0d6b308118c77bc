import * as tf from "@tensorflow/tfjs";
import type { Gradients } from "../contracts/optimizer.ts";
import type { Gathered } from "./gathered.ts";
import type { StepGradients } from "./step.ts";
import { afterOverflow, afterStep, type LossScale, notFinite, unscale } from "./loss_scale.ts";

/** Gradients of a step at the loss scale that was used. */
export interface ScaledGradients {
  /** Without the scale; empty where there is none at which they are finite. The caller disposes them. */
  readonly gradients: Gradients;
  /** As `compute` gave them. */
  readonly values: tf.Tensor1D[];
  /** As `compute` gave it. */
  readonly gathered: Gathered;
  /** The next step's. */
  readonly scale: LossScale;
  /** Parameters whose gradients overflow even at scale 1; none where it is the losses that are not finite. */
  readonly overflow?: readonly string[];
}

/**
 * Computes gradients at a loss scale where none overflows a half: where one does, the same batch is computed again at half the scale, so
 * that none is lost (PyTorch's `GradScaler` leaves it out). Waits for the device.
 *
 * @param compute differentiates a loss times a factor; draws the same random numbers each time. Told whether it is called again:
 *   running statistics of batch norms move the first time alone
 * @param start scale to begin with
 * @returns gradients, losses and the next step's scale
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { scaledGradients } from "./scaled_gradients.ts";
 * await tf.setBackend("cpu");
 * // A half holds no more than 65504.
 * const { gradients, scale } = await scaledGradients((factor) => {
 *   const gradient = 3 * factor;
 *   return { gradients: { w: tf.scalar(gradient > 65504 ? Infinity : gradient) }, values: [] };
 * }, { factor: 65536, steps: 0 });
 * assertEquals([gradients["w"]?.dataSync()[0], scale.factor], [3, 16384]);
 * ```
 */
export async function scaledGradients(
  compute: (factor: number, again: boolean) => StepGradients | Promise<StepGradients>,
  start: LossScale,
): Promise<ScaledGradients> {
  for (let scale = start, again = false;; again = true) {
    const { gradients, values, gathered = {} } = await compute(scale.factor, again);
    const overflow = await notFinite(gradients);
    if (overflow.length === 0) {
      return {
        gradients: unscale(gradients, scale.factor),
        values,
        gathered,
        scale: afterStep(scale),
      };
    }
    tf.dispose(gradients);
    const lost = (await notFinite(Object.fromEntries(values.entries()))).length > 0;
    const next = lost ? undefined : afterOverflow(scale);
    if (next === undefined) {
      return { gradients: {}, values, gathered, scale, overflow: lost ? [] : overflow };
    }
    tf.dispose([values, gathered]);
    scale = next;
  }
}
