/**
 * How long does the dense CRF of one photograph take, 500x375, 10 iterations? On one core, and with mean field on WebGPU where there is an
 * adapter. Recorded, also many at a time in Workers on all cores; and where `python3` or Debian's imports pydensecrf, five images on one
 * thread of each, with the labels that differ; where none does, the results say so.
 *
 *   deno bench --allow-read --allow-env bench/dense_crf.bench.ts [--filter "3 labels"]
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-run=python3,/usr/bin/python3 --allow-write=bench/results,/tmp \
 *     bench/record.ts dense_crf
 *
 * @module
 */
import { recordDenseCrf } from "./dense_crf/record.ts";
import { onOneCore, onWebGpu } from "./dense_crf/works.ts";
import { isBenching, registerBench } from "./measure/deno_bench.ts";
import { hasWebGpu } from "./measure/webgpu.ts";

if (isBenching(import.meta)) {
  const cores = navigator.hardwareConcurrency;
  const gpu = await hasWebGpu("dense CRF on WebGPU") ? await onWebGpu(cores, true) : undefined;
  const works = Map.groupBy([...onOneCore(), ...gpu?.meanField ?? []], ({ labels }) => labels);
  for (const [labels, those] of works) {
    registerBench({
      name: `dense CRF${labels === undefined ? "" : `, ${labels} labels`}`,
      implementations: Object.fromEntries(those.map((work) => [work.what, work])),
      // On a software adapter 21 labels take 7 s.
      ...labels === 21 && { iterations: 1 },
    });
  }
}

/** Writes bench/results/dense_crf.json. */
export const record = recordDenseCrf;
