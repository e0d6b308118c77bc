import type { Raster, Scores } from "seamstress";
import { checkCrfInput } from "./check.ts";
import { KernelBuilder } from "./kernel.ts";
import { MeanField } from "./mean_field.ts";
import type { DenseCrfOptions } from "./options.ts";
import { latticeProgram } from "./wasm/lattice_program.ts";
import { meanFieldProgram } from "./wasm/mean_field_program.ts";

/** Of this thread. */
const threadKernels = new KernelBuilder(latticeProgram);

/**
 * Dense CRF of one image on one thread.
 *
 * @param scores class scores as probabilities, `[C,H,W]` float32, 0..1; a pixel's need not sum to 1
 * @param image RGB uint8 of the same size
 * @param options kernels and number of iterations
 * @param meanField runs the inference, and keeps its memory for the next image
 * @param kernels builds the kernels, and keeps what the next image of this size shares
 * @returns probabilities `[C,H,W]`
 * @throws {RangeError} where sizes differ, or a score is NaN or outside 0..1
 * @throws {TypeError} where the image is not RGB uint8
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { denseCrf } from "./dense_crf.ts";
 * import { denseCrfOptions } from "./options.ts";
 * const image = { width: 2, height: 1, channels: 3, data: new Uint8Array(6) };
 * const scores = { width: 2, height: 1, channels: 2, data: Float32Array.of(0.9, 0.5, 0.1, 0.5) };
 * const q = denseCrf(scores, image, denseCrfOptions.parse({}));
 * // The undecided pixel follows its neighbour of the same colour.
 * assertAlmostEquals(q.data[1]!, 1, 0.01);
 * ```
 */
export function denseCrf(
  scores: Scores,
  image: Raster,
  options: DenseCrfOptions,
  meanField: MeanField = new MeanField(meanFieldProgram),
  kernels: KernelBuilder = threadKernels,
): Scores {
  checkCrfInput(scores, image);
  return meanField.infer(scores, kernels.pairwise(image, options), options.iterations);
}
