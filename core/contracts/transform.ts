import type { Rng } from "../rng.ts";
import type { Sample } from "../data/sample.ts";
import type { Normalization } from "./backbone.ts";

/** What a transform is created with. */
export interface TransformArgs {
  /** What the backbone wants; `normalize` takes it unless the recipe says otherwise. */
  readonly normalization: Normalization;
}

/** Contract of kind `transform`: sample → sample, on the CPU, in a Worker; all randomness from `rng`. */
export interface Transform {
  /** Applies it to one sample, its mask included. */
  apply(sample: Sample, rng: Rng): Sample;
}
