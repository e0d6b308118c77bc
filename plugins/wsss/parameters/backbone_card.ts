import type { Backbone } from "../../../core/contracts/backbone.ts";
import type { WeightsCard } from "../../../core/contracts/weights.ts";

/**
 * What a backbone expects of a weights file's metadata, and what its own weights ask for: the input that it is set to.
 *
 * @param backbone its mean, its deviation, and what it says itself
 * @returns texts; numbers of a list joined by commas
 */
export function cardOf({ input: { mean, std }, card }: Backbone): WeightsCard {
  return { mean: mean.join(), std: std.join(), ...card };
}
