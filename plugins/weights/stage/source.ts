import type { Weights } from "seamstress";

/** Weights of a stage, without what the recipe allows to differ. */
export type StageSource = Pick<
  Weights,
  "from" | "path" | "check" | "fingerprint" | "shapes" | "read"
>;
