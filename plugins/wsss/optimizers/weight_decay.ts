import type { Link } from "./chain.ts";

/**
 * Weight decay as an L2 penalty: weightDecay · w is added to the gradient, as `torch.optim.SGD` and `Adam` do.
 *
 * @returns a link; the rule that ends the chain adds the penalty, in one pass with its own sums
 */
export function l2Penalty(): Link {
  return {
    apply: (updates) => updates.map((update) => ({ ...update, penalty: update.weightDecay })),
  };
}

/**
 * Decoupled weight decay: w = (1 − rate · weightDecay) · w before the update (Loshchilov & Hutter 2019, algorithm 2), as
 * `torch.optim.AdamW` does.
 *
 * @returns a link
 */
export function decoupledWeightDecay(): Link {
  return {
    apply(updates) {
      for (const { variable, rate, weightDecay } of updates) {
        if (weightDecay !== 0) variable.assign(variable.mul(1 - rate * weightDecay));
      }
      return updates;
    },
  };
}
