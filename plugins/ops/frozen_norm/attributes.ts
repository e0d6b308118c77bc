/** Attributes of a batch normalisation with fixed statistics. */
export interface FrozenNormAttributes {
  /** Added to the variance. */
  readonly epsilon: number;
  /** What follows. */
  readonly activation: "none" | "relu" | "relu6";
}
