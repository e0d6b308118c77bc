/**
 * The dense CRF of one photograph, 500x375, 10 iterations: on one core, and with mean field on WebGPU where there is an adapter.
 * `bench/dense_crf.ts` measures processor time, and all cores together.
 *
 *   deno bench --allow-read --allow-env bench/dense_crf.bench.ts [--filter "3 labels"]
 *
 * @module
 */
import { denseCrf } from "../plugins/refinement/crf/dense_crf.ts";
import { pairwiseKernels } from "../plugins/refinement/crf/kernel.ts";
import { MeanField } from "../plugins/refinement/crf/mean_field.ts";
import { denseCrfOptions } from "../plugins/refinement/crf/options.ts";
import { openWebGpuMeanField } from "../plugins/refinement/crf/webgpu/device.ts";
import { gatherKernel } from "../plugins/refinement/crf/webgpu/gathered_kernel.ts";
import { hasWebGpu } from "./deno/webgpu.ts";
import { LABELS, photograph, smoothScores } from "./dense_crf/scene.ts";

const options = denseCrfOptions.parse({});
const image = await photograph();
const once = { n: 3, warmup: 1 };

Deno.bench({ name: "both lattices", ...once, fn: () => void pairwiseKernels(image, options) });

const onCpu = new MeanField();
const onGpu = await hasWebGpu("dense CRF on WebGPU") ? await openWebGpuMeanField() : undefined;
const gathered = onGpu && pairwiseKernels(image, options).map(gatherKernel);
for (const labels of LABELS) {
  const group = `${labels} labels`, scores = smoothScores(labels);
  Deno.bench({
    name: `${group}: one core, lattices among it`,
    ...{ group, baseline: true, ...once },
    fn: () => void denseCrf(scores, image, options, onCpu),
  });
  if (!onGpu) continue;
  Deno.bench({
    name: `${group}: mean field on WebGPU, upload and download among it`,
    ...{ group, ...once },
    fn: async () => void await onGpu.infer(scores, gathered!, options.iterations),
  });
}
