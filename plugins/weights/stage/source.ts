import type { Backbone, Weights, WeightsCard } from "seamstress";

/** Weights of a stage, without what the recipe allows to differ. */
export type StageSource = Pick<Weights, "from" | "path" | "check" | "shapes" | "read">;

/** What a backbone's weights ask for: the input that it was trained on. */
export function cardOf({ input: { mean, std }, card }: Backbone): WeightsCard {
  return { mean: mean.join(), std: std.join(), ...card };
}
