import type { Scores } from "../../../core/contracts/refinement.ts";
import type { PackedError } from "../../../core/loader_messages.ts";
import type { Raster } from "../../../core/sample.ts";
import type { DenseCrfOptions } from "./options.ts";

/** One image for a Worker to refine. */
export interface CrfTask {
  readonly scores: Scores;
  readonly image: Raster;
  readonly options: DenseCrfOptions;
}

/** What a Worker answers to a {@linkcode CrfTask}. */
export type CrfAnswer = { readonly refined: Scores } | { readonly error: PackedError };
