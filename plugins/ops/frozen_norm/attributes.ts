/** Attributes of a batch normalisation with fixed statistics. */
export interface FrozenNormAttributes {
  /** Added to the variance. */
  readonly epsilon: number;
  /** Activation that follows the normalisation. */
  readonly activation: "none" | "relu" | "relu6";
}
