import * as tf from "@tensorflow/tfjs";
import * as z from "zod";
import { definePlugin, type Refinement } from "seamstress";
import { checkCrfInput } from "./crf/check.ts";
import { denseCrf } from "./crf/dense_crf.ts";
import { MeanField } from "./crf/mean_field.ts";
import { denseCrfOptions } from "./crf/options.ts";
import { CrfPool } from "./crf/pool.ts";
import { meanFieldProgram } from "./crf/wasm/mean_field_program.ts";
import { chooseDevice, CRF_DEVICES } from "./crf/webgpu/device.ts";
import { WebGpuCrf } from "./crf/webgpu_crf.ts";

/**
 * Fully connected CRF with a Gaussian and a bilateral kernel (Krähenbühl & Koltun 2011), as the SEAM authors' `crf_inference`
 * computes it with pydensecrf. Scores are probabilities of all classes, the background among them. Calls in flight run in parallel.
 */
export const denseCrfRefinement = definePlugin({
  kind: "refinement",
  name: "dense-crf",
  summary: "fully connected CRF: near pixels of like colour get like labels",
  options: z.strictObject({
    ...denseCrfOptions.shape,
    device: z.enum(CRF_DEVICES).default("auto").describe(
      "Where mean field runs; auto: webgpu on a real GPU unless the backend is wasm or cpu, else cpu",
    ),
    workers: z.int().min(0).max(256).optional().describe(
      "Images worked on at a time, each in a Worker; 0: in this thread; default: one per core",
    ),
  }),
  async create({ device, workers, ...options }): Promise<Refinement> {
    const about = { needsBackground: true, resumeIgnores: ["workers"] };
    const parallel = workers ?? navigator.hardwareConcurrency;
    if (await chooseDevice(device, tf.getBackend()) === "webgpu") {
      return Object.assign(new WebGpuCrf(options, parallel), about);
    }
    if (parallel === 0) {
      const meanField = new MeanField(meanFieldProgram);
      return {
        ...about,
        refine: (scores, image) => Promise.try(() => denseCrf(scores, image, options, meanField)),
      };
    }
    let pool: CrfPool | undefined, ranks = 1;
    return {
      ...about,
      // Those of a machine share its cores.
      open({ group }) {
        ranks = group.localSize;
        return Promise.resolve();
      },
      refine: async (scores, image) => {
        checkCrfInput(scores, image);
        pool ??= new CrfPool(Math.ceil(parallel / ranks));
        return await pool.refine(scores, image, options);
      },
      close() {
        pool?.close();
        pool = undefined;
      },
    };
  },
});
