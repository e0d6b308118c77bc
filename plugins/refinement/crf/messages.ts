import type { PackedError, Raster, Scores } from "seamstress";
import type { DenseCrfOptions } from "./options.ts";
import type { GatheredKernel } from "./webgpu/gathered_kernel.ts";

/** One image for a Worker. */
export interface CrfTask {
  /** Scores to refine; where absent, only the kernels are built, for a GPU. */
  readonly scores?: Scores;
  readonly image: Raster;
  readonly options: DenseCrfOptions;
}

/** What a Worker answers to a {@linkcode CrfTask}. */
export type CrfAnswer =
  | { readonly refined: Scores }
  | { readonly kernels: readonly GatheredKernel[] }
  | { readonly error: PackedError };
