import type { Rng } from "../rng.ts";

/** One forward pass: whether it trains, and where its random numbers come from. */
export interface ForwardContext {
  /** Whether dropout drops and batch norm follows the batch. */
  readonly training: boolean;
  /** What a backward pass computes again instead of keeping it: the inside of the backbone's blocks, or nothing. */
  readonly recompute?: "blocks";
  /**
   * `keep`: batch norms that train normalise by the batch and leave their running statistics as they are, for the batch has moved
   * them already (a block that is computed again, a batch at half the loss scale), or another part of it does.
   */
  readonly runningStatistics?: "keep";
  /**
   * The stream of one sample for one purpose (`"dropout b6"`). It depends on seed, step, view and the sample's place in the whole
   * batch, not on the micro-batch, so gradients do not change with it.
   *
   * @param sample row of the micro-batch
   * @param purpose a name, unique within the pass
   */
  rng(sample: number, purpose: string): Rng;
}

/** The context of inference, which draws no random numbers. */
export const inference: ForwardContext = {
  training: false,
  rng(): never {
    throw new Error(
      "Cannot draw random numbers in inference: a layer drew random numbers without checking context.training",
    );
  },
};
