import type * as tf from "@tensorflow/tfjs";
import type { Optimizer } from "../../../core/contracts/optimizer.ts";
import type { Schedule } from "../../../core/contracts/schedule.ts";
import type { Groups } from "./groups.ts";

/** The update of one parameter in a step. Links of a chain transform it; the last link applies it. */
export interface Update {
  /** Of the parameter, as in PyTorch. */
  readonly name: string;
  /** Its value. */
  readonly variable: tf.Variable;
  /** Of the variable's shape. */
  readonly gradient: tf.Tensor;
  /** Learning rate of the parameter at this step. */
  readonly rate: number;
  /** What the parameter's group says: the factor of a link that decays weights. */
  readonly weightDecay: number;
  /** The L2 penalty that is to be added to the gradient: `penalty · variable`. */
  readonly penalty: number;
}

/** One part of an optimizer, such as clipping, weight decay, a schedule or an update rule. */
export interface Link {
  /** Factor on every learning rate. @param step from 0 */
  rate?(step: number): number;
  /**
   * Changes the updates, or carries them out.
   *
   * @param updates of the parameters that have a gradient, in the network's order
   * @param step from 0
   * @returns what the next link gets; its new tensors are freed after the step
   */
  apply?(updates: readonly Update[], step: number): readonly Update[];
  /** What it remembers between steps, by name in checkpoints; owned by the link. */
  state?(): Readonly<Record<string, tf.Tensor>>;
  /** Copies a state in. @throws {RangeError} where an entry is missing or of another shape */
  restore?(state: Readonly<Record<string, tf.Tensor>>): void;
  /** Frees what it remembers. */
  dispose?(): void;
}

/**
 * Chains links into an optimizer, as optax and jax-js do: each gets the updates of the one before it, the last one updates the
 * parameters. Call it within `tf.tidy`, as the trainer does: links make tensors.
 *
 * @param groups the parameters and the settings of their groups
 * @param schedule what the optimizer says its schedule is
 * @param links in order
 * @returns the optimizer; a parameter without a gradient is left alone
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 * import { chain, type Link } from "seamstress/wsss";
 * await tf.setBackend("cpu");
 * const variable = tf.variable(tf.tensor1d([1]), true, "w");
 * const half: Link = { rate: () => 0.5 };
 * const descend: Link = {
 *   apply(updates) {
 *     for (const { variable, gradient, rate } of updates) variable.assign(variable.sub(gradient.mul(rate)));
 *     return [];
 *   },
 * };
 * const groups = { params: [{ name: "w", variable, rate: 1, weightDecay: 0 }], rates: [1] };
 * const optimizer = chain(groups, { factor: () => 1 }, [half, descend]);
 * tf.tidy(() => optimizer.update({ w: tf.tensor1d([1]) }, 0));
 * assertEquals([...await variable.data()], [0.5]);
 * ```
 */
export function chain(groups: Groups, schedule: Schedule, links: readonly Link[]): Optimizer {
  const rateAt = (step: number) => links.reduce((rate, link) => rate * (link.rate?.(step) ?? 1), 1);
  return {
    schedule,
    rates: (step) => groups.rates.map((factor) => factor * rateAt(step)),
    update(gradients, step) {
      const rate = rateAt(step);
      const first = groups.params.flatMap((param): Update[] => {
        const gradient = gradients[param.name];
        return gradient === undefined
          ? []
          : [{ ...param, gradient, rate: param.rate * rate, penalty: 0 }];
      });
      links.reduce(
        (updates, link) => link.apply?.(updates, step) ?? updates,
        first as readonly Update[],
      );
    },
    state: () => Object.assign({}, ...links.map((link) => link.state?.() ?? {})),
    restore(state) {
      for (const link of links) link.restore?.(state);
    },
    dispose() {
      for (const link of links) link.dispose?.();
    },
  };
}
