import type { Optimizer } from "../../../core/contracts/optimizer.ts";

/** An optimizer that lets every parameter be as it is: gradients are compared, not used. */
export const stillOptimizer: Optimizer = {
  schedule: { factor: () => 1 },
  rates: () => [],
  update() {},
  state: () => ({}),
  restore() {},
  dispose() {},
};
