import * as tf from "@tensorflow/tfjs";
import { weightedSum } from "../../ops/weighted_sum/weighted_sum.ts";
import type { Link } from "./chain.ts";
import type { Grouped } from "./groups.ts";
import { ParameterState } from "./parameter_state.ts";

/** Settings of {@linkcode momentsUpdate}. */
export interface MomentsSettings {
  /** Decay of the gradients' mean, 0..1. */
  readonly beta1: number;
  /** Decay of the squared gradients' mean, 0..1. */
  readonly beta2: number;
  /** Added to the denominator, > 0. */
  readonly epsilon: number;
}

/**
 * Adam's update rule (Kingma & Ba 2015, algorithm 1), as `torch.optim.Adam` computes it: with g = gradient + penalty · w,
 * m = β₁·m + (1 − β₁)·g; v = β₂·v + (1 − β₂)·g²; w = w − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε). t counts a parameter's own
 * updates.
 *
 * @param params what it may update
 * @param settings decays and ε
 * @returns a link that ends a chain
 */
export function momentsUpdate(params: readonly Grouped[], settings: MomentsSettings): Link {
  const { beta1, beta2, epsilon } = settings;
  const means = new ParameterState("m", params);
  const squares = new ParameterState("v", params);
  const updateCounts = new ParameterState("t", params, true);
  const states = [means, squares, updateCounts];
  // Updates of each parameter, read at every step; the tensors take them over when the state is asked for.
  const counts = new Map<string, number>();
  return {
    apply(updates) {
      for (const { name, variable, gradient, rate, penalty } of updates) {
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        const stepSize = rate / (1 - beta1 ** count);
        const correction = Math.sqrt(1 - beta2 ** count);
        tf.tidy(() => {
          const change = weightedSum([[penalty, variable], [1, gradient]]);
          const mean = means.get(name), square = squares.get(name);
          mean.assign(weightedSum([[beta1, mean], [1 - beta1, change]]));
          square.assign(weightedSum([[beta2, square], [1 - beta2, change.square()]]));
          const denominator = square.sqrt().div(correction).add(epsilon);
          variable.assign(variable.sub(mean.div(denominator).mul(stepSize)));
        });
      }
      return [];
    },
    state() {
      tf.tidy(() => {
        for (const [name, count] of counts) updateCounts.get(name).assign(tf.scalar(count));
      });
      return Object.assign({}, ...states.map((moment) => moment.state()));
    },
    restore(state) {
      for (const moment of states) moment.restore(state);
      for (const { name } of params) {
        counts.set(name, updateCounts.get(name).dataSync<"float32">()[0]!);
      }
    },
    dispose() {
      for (const moment of states) moment.dispose();
    },
  };
}
