import type { Scores } from "seamstress";
import { denseCrf } from "../../plugins/refinement/crf/dense_crf.ts";
import { KernelBuilder } from "../../plugins/refinement/crf/kernel.ts";
import { latticeProgram } from "../../plugins/refinement/crf/wasm/lattice_program.ts";
import { MeanField } from "../../plugins/refinement/crf/mean_field.ts";
import { meanFieldProgram } from "../../plugins/refinement/crf/wasm/mean_field_program.ts";
import { denseCrfOptions } from "../../plugins/refinement/crf/options.ts";
import { CrfPool } from "../../plugins/refinement/crf/pool.ts";
import { openWebGpuMeanField } from "../../plugins/refinement/crf/webgpu/device.ts";
import { gatherKernel } from "../../plugins/refinement/crf/webgpu/gathered_kernel.ts";
import { WebGpuCrf } from "../../plugins/refinement/crf/webgpu_crf.ts";
import type { Work } from "../measure/sample.ts";
import { LABELS, photograph, smoothScores } from "./scene.ts";

/** The authors' settings, and one photograph. */
export const options = denseCrfOptions.parse({}), image = await photograph();

/** Builds kernels; a new one keeps nothing of the image before, as pydensecrf does not. */
const newKernels = () => new KernelBuilder(latticeProgram);

/** Images per core in a run with Workers. */
const IMAGES_A_CORE = 2;

/** A part of the dense CRF that is timed. */
export interface CrfWork extends Work {
  readonly what: string;
  readonly labels?: number;
  /** Images that one run infers. */
  readonly images: number;
  /** Ends Workers and devices. */
  close?(): void;
}

/** @returns the whole inference on one core, and building the lattices alone */
export function onOneCore(): readonly CrfWork[] {
  const meanField = new MeanField(meanFieldProgram);
  return [
    ...LABELS.map((labels): CrfWork => {
      const scores = smoothScores(labels);
      const run = () => denseCrf(scores, image, options, meanField, newKernels());
      return { what: "one core", labels, images: 1, run };
    }),
    {
      ...{ what: "one core: of it both lattices", images: 1 },
      run: () => newKernels().pairwise(image, options),
    },
  ];
}

/** @returns many images at a time on all cores */
export function inWorkers(cores: number): readonly CrfWork[] {
  return LABELS.map((labels): CrfWork => {
    const pool = new CrfPool(cores), scores = smoothScores(labels);
    const images = IMAGES_A_CORE * cores;
    const refine = () => pool.refine(scores, image, options);
    return {
      ...{ what: `all cores: ${cores} Workers`, labels, images },
      run: () => Promise.all(Array.from({ length: images }, refine)),
      close: () => pool.close(),
    };
  });
}

/** Mean field on WebGPU. */
export interface OnWebGpu {
  /** One image whose lattices are already built. */
  readonly meanField: readonly (CrfWork & { infer(): Promise<Scores>; readonly scores: Scores })[];
  /** Many images, with lattices built by Workers. */
  readonly all: readonly CrfWork[];
  /** Ends the device. */
  close(): void;
}

/**
 * Opens a device.
 *
 * @param cores number of Workers that build lattices
 * @param software whether it is a software adapter, which takes seconds per image
 * @returns the benchmarks on it
 */
export async function onWebGpu(cores: number, software: boolean): Promise<OnWebGpu> {
  const meanField = await openWebGpuMeanField();
  const kernels = newKernels().pairwise(image, options).map(gatherKernel);
  const images = software ? 2 : IMAGES_A_CORE * cores;
  return {
    meanField: LABELS.map((labels) => {
      const scores = smoothScores(labels);
      const infer = () => meanField.infer(scores, kernels, options.iterations);
      const what = "WebGPU: upload, mean field, download";
      return { what, labels, images: 1, scores, infer, run: infer };
    }),
    all: LABELS.map((labels): CrfWork => {
      const scores = smoothScores(labels);
      let crf: WebGpuCrf | undefined;
      const refine = () => (crf ??= new WebGpuCrf(options, cores)).refine(scores, image);
      return {
        ...{ what: `WebGPU: all, lattices from ${cores} Workers`, labels, images },
        run: () => Promise.all(Array.from({ length: images }, refine)),
        close: () => crf?.close(),
      };
    }),
    close: () => meanField.close(),
  };
}
