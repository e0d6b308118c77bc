import * as tf from "@tensorflow/tfjs";
import { sgdUpdate } from "../../ops/sgd_update/sgd_update.ts";
import type { Link } from "./chain.ts";
import type { Grouped } from "./groups.ts";
import { ParameterState } from "./parameter_state.ts";

/**
 * The update rule of stochastic gradient descent with Nesterov's momentum, as `torch.optim.SGD(nesterov=True)` has it: g' = gradient +
 * penalty · w; b = momentum · b + g', b = 0 at first; w = w − rate · (g' + momentum · b).
 *
 * @param params what it may update
 * @param momentum above 0
 * @returns a link that ends a chain
 */
export function nesterovUpdate(params: readonly Grouped[], momentum: number): Link {
  const momenta = new ParameterState("momentum", params);
  return {
    apply(updates) {
      const steps = updates.map(({ name, variable, gradient, rate, penalty }) => ({
        variable,
        gradient: penalty === 0 ? gradient : tf.add(gradient, tf.mul(variable, penalty)),
        momentum: momenta.get(name),
        rate,
        weightDecay: 0,
      }));
      // w − rate · momentum · b, then − rate · g'.
      sgdUpdate(steps.map((step) => ({ ...step, rate: step.rate * momentum })), momentum);
      sgdUpdate(steps.map(({ momentum: _, ...step }) => step), 0);
      return [];
    },
    state: () => momenta.state(),
    restore: (state) => momenta.restore(state),
    dispose: () => momenta.dispose(),
  };
}
