import type { Raster, Scores } from "seamstress";
import type { DenseCrfOptions } from "./options.ts";
import type { GatheredKernel } from "./webgpu/gathered_kernel.ts";

/** One image for a Worker, its input checked. */
export interface CrfTask {
  /** What to refine; where absent, only the kernels are built, for a GPU. */
  readonly refine?: {
    readonly scores: Scores;
    /** The bytes of `meanFieldProgram` for these scores. */
    readonly program: Uint8Array<ArrayBuffer>;
  };
  /** The bytes of `latticeProgram` for each number of dimensions. */
  readonly lattices: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
  readonly image: Raster;
  readonly options: DenseCrfOptions;
}

/** What a Worker answers to a {@linkcode CrfTask}. */
export type CrfAnswer =
  | { readonly refined: Scores }
  | { readonly kernels: readonly GatheredKernel[] }
  | { readonly error: Error };
