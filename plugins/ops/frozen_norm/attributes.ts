import type { NormVectors } from "./frozen_norm.ts";

/** Attributes of a batch normalisation with fixed statistics. */
export interface FrozenNormAttributes {
  /** Added to the variance. */
  readonly epsilon: number;
  /** Activation that follows the normalisation. */
  readonly activation: "none" | "relu" | "relu6";
}

/**
 * Attributes of an operation that ends with such a normalisation, and of its gradients. The vectors, which get no gradient, need not be
 * kept apart for the backward pass.
 */
export interface FoldedNormAttributes extends FrozenNormAttributes {
  /** Of the normalisation. */
  readonly vectors: NormVectors;
}
