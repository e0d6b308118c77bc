import { type SgdParameter, sgdUpdate } from "../../ops/sgd_update/sgd_update.ts";
import type { Link } from "./chain.ts";
import type { Grouped } from "./groups.ts";
import { ParameterState } from "./parameter_state.ts";

/**
 * The update rule of stochastic gradient descent, as `torch.optim.SGD` has it: b = momentum · b + gradient + penalty · w, b = 0 at
 * first; w = w − rate · b. All parameters are updated in one call of the device where it can.
 *
 * @param params what it may update
 * @param momentum 0..1; 0 keeps no state
 * @returns a link that ends a chain
 */
export function momentumUpdate(params: readonly Grouped[], momentum: number): Link {
  const momenta = new ParameterState("momentum", momentum === 0 ? [] : params);
  return {
    apply(updates) {
      sgdUpdate(
        updates.map(({ name, variable, gradient, rate, penalty }): SgdParameter => ({
          variable,
          gradient,
          momentum: momentum === 0 ? undefined : momenta.get(name),
          rate,
          weightDecay: penalty,
        })),
        momentum,
      );
      return [];
    },
    state: () => momenta.state(),
    restore: (state) => momenta.restore(state),
    dispose: () => momenta.dispose(),
  };
}
