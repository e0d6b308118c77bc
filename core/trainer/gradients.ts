import * as tf from "@tensorflow/tfjs";
import type { LossInput } from "../contracts/method.ts";
import type { Loss } from "../contracts/loss.ts";
import type { Gradients } from "../contracts/optimizer.ts";
import type { Params } from "../contracts/params.ts";
import type { Schedule } from "../contracts/schedule.ts";
import type { MicroStanding } from "../contracts/training_part.ts";
import { unobserved } from "./phases.ts";
import { TapeParts } from "./tape_parts.ts";
import { FIRST_STEP } from "./training_state.ts";

/** A loss as a recipe uses it. */
export interface WeightedLoss {
  /** Name in logs; unique, and not `loss`, which is the total's. */
  readonly name: string;
  /** Computes it. */
  readonly loss: Loss;
  /** Factor in the total. */
  readonly weight: number;
  /** What `weight` is multiplied by, step by step. */
  readonly schedule?: Schedule;
  /** First step, from 0, that it counts in. */
  readonly start: number;
}

/**
 * The losses that count in a step, with their weights in it.
 *
 * @param losses all
 * @param step from 0
 * @param totalSteps of the whole schedule
 * @returns those that have started
 * @throws {RangeError} where a schedule gives no finite number
 */
export function activeLosses(
  losses: readonly WeightedLoss[],
  step: number,
  totalSteps: number,
): readonly WeightedLoss[] {
  return losses.filter(({ start }) => start <= step).map((loss) => {
    const factor = loss.schedule?.factor(step, totalSteps) ?? 1;
    if (Number.isFinite(factor)) return { ...loss, weight: loss.weight * factor };
    throw new RangeError(`Cannot weight loss ${loss.name}: its schedule gives ${factor}`);
  });
}

/** What one backward pass gives; the caller disposes all of it. */
export interface MicroGradients {
  /** Of scale · share · Σ weight · loss, by parameter name; without the parameters that no loss reaches. */
  readonly gradients: Gradients;
  /** `[K]` float32: the losses, unweighted, in the order given. */
  readonly values: tf.Tensor1D;
}

/**
 * Runs one micro-batch forward and backward.
 *
 * @param params the trainable ones get gradients
 * @param losses one or more
 * @param share the micro-batch's part of the batch
 * @param forward what the losses see
 * @param scale factor on all gradients, so that small ones survive half precision
 * @param enterPhase told of `forward` and `backward`
 * @param standing where the training stands, for a loss
 * @returns gradients and losses, still on the device
 */
export function microGradients(
  params: Params,
  losses: readonly WeightedLoss[],
  share: number,
  forward: () => LossInput,
  scale = 1,
  enterPhase = unobserved,
  standing: (loss: string) => MicroStanding = () => FIRST_STEP,
): MicroGradients {
  const trainable = params.trainable().map(({ name }) => ({ name, variable: params.get(name) }));
  return tf.tidy(() => {
    using phase = enterPhase("forward");
    let values: tf.Tensor1D | undefined;
    const tape = new TapeParts();
    const { grads } = tape.naming(() =>
      tf.variableGrads(() => {
        const input = forward();
        tape.end("the method, or a backbone or head that it runs");
        const terms = losses.map(({ name, loss }) => {
          const term = loss.compute(input, standing(name));
          tape.end(`loss ${name}`);
          return term;
        });
        // Kept: the engine frees what the forward pass does not return.
        values = tf.keep(tf.stack(terms) as tf.Tensor1D);
        const total = terms.map((term, k) => term.mul<tf.Scalar>(losses[k]!.weight * share * scale))
          .reduce((total, term) => total.add(term));
        phase.next("backward");
        return total;
      }, trainable.map(({ variable }) => variable))
    );
    const gradients = Object.fromEntries(
      trainable.flatMap(({ name, variable }) => {
        const gradient = grads[variable.name];
        return gradient ? [[name, gradient]] : [];
      }),
    );
    return { gradients, values: values! };
  });
}

/**
 * Adds up gradients.
 *
 * @param sum so far, by parameter name; disposed
 * @param part what to add; disposed
 * @returns the new sum, owned by the caller
 */
export function addGradients(sum: Gradients, part: Gradients): Gradients {
  const names = Object.keys({ ...sum, ...part });
  return Object.fromEntries(names.map((name) => {
    const a = sum[name], b = part[name];
    if (!a || !b) return [name, (a ?? b)!];
    const added = tf.add(a, b);
    // One by one: a network's parameters are large.
    tf.dispose([a, b]);
    return [name, added];
  }));
}
