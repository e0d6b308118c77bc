import type { Raster, Refinement, Scores } from "seamstress";
import { checkCrfInput } from "./check.ts";
import { KernelBuilder } from "./kernel.ts";
import type { DenseCrfOptions } from "./options.ts";
import { CrfPool } from "./pool.ts";
import { latticeProgram } from "./wasm/lattice_program.ts";
import { openWebGpuMeanField } from "./webgpu/device.ts";
import { gatherKernel } from "./webgpu/gathered_kernel.ts";
import type { WebGpuMeanField } from "./webgpu/mean_field.ts";

/**
 * Dense CRF with mean field on a GPU. Lattices are built on the CPU, of several images at a time in Workers: that takes longer than the
 * iterations on a GPU. The device is opened for the first image, and again for the first after `close`.
 */
export class WebGpuCrf implements Refinement {
  readonly #options: DenseCrfOptions;
  readonly #pool: CrfPool | undefined;
  readonly #builder = new KernelBuilder(latticeProgram);
  #meanField: Promise<WebGpuMeanField> | undefined;

  /**
   * @param options kernels and number of iterations
   * @param workers that build lattices; 0: this thread does
   */
  constructor(options: DenseCrfOptions, workers: number) {
    this.#options = options;
    this.#pool = workers > 0 ? new CrfPool(workers) : undefined;
  }

  /**
   * @param scores class scores as probabilities, `[C,H,W]` float32, 0..1; a pixel's need not sum to 1
   * @param image RGB uint8 of the same size
   * @returns probabilities `[C,H,W]`
   * @throws {RangeError} where sizes differ, a score is no number or outside 0..1, or the device cannot bind that much
   * @throws {TypeError} where the image is not RGB uint8
   * @throws {Error} where the device reports an error or is lost, or `close` was called meanwhile
   */
  async refine(scores: Scores, image: Raster): Promise<Scores> {
    checkCrfInput(scores, image);
    const opening = this.#meanField ??= this.#open();
    const [meanField, kernels] = await Promise.all([opening, this.#kernels(image)]);
    return await meanField.infer(scores, kernels, this.#options.iterations);
  }

  /** Ends the Workers and frees all that is on the device; images that are not refined yet are rejected. */
  close(): void {
    this.#pool?.close();
    // What never opened was reported to those who waited for it.
    this.#meanField?.then((meanField) => meanField.close(), () => {});
    this.#meanField = undefined;
  }

  async #kernels(image: Raster) {
    if (this.#pool) return await this.#pool.kernels(image, this.#options);
    return this.#builder.pairwise(image, this.#options).map(gatherKernel);
  }

  #open(): Promise<WebGpuMeanField> {
    const opening = openWebGpuMeanField();
    // The next image tries again.
    opening.catch(() => this.#meanField = undefined);
    return opening;
  }
}
