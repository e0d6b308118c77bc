import type { Scores } from "../../../../../core/contracts/refinement.ts";
import type { Raster } from "../../../../../core/data/sample.ts";
import { KernelBuilder } from "../../../../../plugins/refinement/crf/kernel.ts";
import { latticeProgram } from "../../../../../plugins/refinement/crf/wasm/lattice_program.ts";
import type { DenseCrfOptions } from "../../../../../plugins/refinement/crf/options.ts";
import { openWebGpuMeanField } from "../../../../../plugins/refinement/crf/webgpu/device.ts";
import { gatherKernel } from "../../../../../plugins/refinement/crf/webgpu/gathered_kernel.ts";
import type { WebGpuMeanField } from "../../../../../plugins/refinement/crf/webgpu/mean_field.ts";
import { presentBackends } from "../../../../backends.ts";

/**
 * How far q may be from the CPU's: WebGPU lets exp and log be off by 2^-21, and iterations enlarge that where labels are undecided.
 * lavapipe is off by 2e-7.
 */
export const CLOSE = 1e-4;

/** Registers a test that needs a WebGPU adapter; where there is none, that has been said loudly. */
export function webgpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name} [webgpu]`, ignore: !presentBackends.includes("webgpu"), fn });
}

/** Registers a test of mean field on a device of its own. */
export function meanFieldTest(
  name: string,
  fn: (meanField: WebGpuMeanField) => Promise<void>,
): void {
  webgpuTest(name, async () => {
    const meanField = await openWebGpuMeanField();
    try {
      await fn(meanField);
    } finally {
      meanField.close();
    }
  });
}

/** Dense CRF on a GPU, kernels and all. */
export async function inferred(
  meanField: WebGpuMeanField,
  scores: Scores,
  image: Raster,
  options: DenseCrfOptions,
): Promise<Float32Array> {
  const kernels = new KernelBuilder(latticeProgram).pairwise(image, options).map(gatherKernel);
  return (await meanField.infer(scores, kernels, options.iterations)).data;
}

/** Runs a test as on a machine whose `navigator.gpu` is something else. */
export async function withGpu(gpu: unknown, run: () => Promise<void>): Promise<void> {
  Object.defineProperty(navigator, "gpu", { value: gpu, configurable: true });
  try {
    await run();
  } finally {
    // The real one is a getter of the prototype.
    Reflect.deleteProperty(navigator, "gpu");
  }
}
