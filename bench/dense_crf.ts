/**
 * How long does a dense CRF take? A photograph of 500x375, 10 iterations: on one core; many at a time in Workers on all cores; and with
 * mean field on WebGPU, where there is an adapter. Then, where `python3` or Debian's imports pydensecrf, five images on one thread of
 * each, with the labels that differ; where none does, the results say so. Writes bench/results/dense_crf.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=loadavg --allow-run=python3,/usr/bin/python3 --allow-write=bench/results,/tmp \
 *     bench/dense_crf.ts "2 cores of an AMD EPYC"
 *
 * @module
 */
import process from "node:process";
import type { Refinement, Scores } from "../core/contracts/refinement.ts";
import { describeAdapter, findAdapter, isSoftware } from "../plugins/ops/webgpu/device.ts";
import { denseCrf } from "../plugins/refinement/crf/dense_crf.ts";
import { pairwiseKernels } from "../plugins/refinement/crf/kernel.ts";
import { MeanField } from "../plugins/refinement/crf/mean_field.ts";
import { denseCrfOptions } from "../plugins/refinement/crf/options.ts";
import { CrfPool } from "../plugins/refinement/crf/pool.ts";
import { openWebGpuMeanField } from "../plugins/refinement/crf/webgpu/device.ts";
import { gatherKernel } from "../plugins/refinement/crf/webgpu/gathered_kernel.ts";
import { WebGpuCrf } from "../plugins/refinement/crf/webgpu_crf.ts";
import { besidePydensecrf, findPydensecrf } from "./dense_crf/pydensecrf.ts";
import { HEIGHT, LABELS, photograph, scenes, smoothScores, WIDTH } from "./dense_crf/scene.ts";

const RESULTS = "bench/results/dense_crf.json";
/** Of a measurement; and images a core. */
const RUNS = 5, IMAGES_A_CORE = 2;
/** That pydensecrf infers, too. */
const IMAGES_OF_BOTH = 5;

/** One line of the results. */
interface Row {
  readonly what: string;
  readonly labels?: number;
  readonly images: number;
  readonly runs: number;
  /** By the clock, median of the runs; a busy machine adds to it. */
  readonly seconds: number;
  readonly fastestSeconds: number;
  /** Of all threads of this process, median of the runs. */
  readonly cpuSeconds: number;
  /** By the clock. */
  readonly imagesPerSecond: number;
  /** What one undisturbed core does a second. */
  readonly imagesPerCpuSecond: number;
}

const rows: Row[] = [];

/** Measures what has run before: the first time compiles. */
async function measure(
  { what, labels, images = 1, runs = RUNS }: {
    readonly what: string;
    readonly labels?: number;
    readonly images?: number;
    readonly runs?: number;
  },
  run: () => unknown,
): Promise<void> {
  const clock: number[] = [], cpu: number[] = [];
  for (let i = 0; i < runs; i++) {
    const began = performance.now(), usage = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(usage);
    clock.push((performance.now() - began) / 1e3);
    cpu.push((user + system) / 1e6);
  }
  const row: Row = {
    what,
    ...labels !== undefined && { labels },
    ...{ images, runs },
    seconds: thousandths(median(clock)),
    fastestSeconds: thousandths(Math.min(...clock)),
    cpuSeconds: thousandths(median(cpu)),
    imagesPerSecond: thousandths(images / median(clock)),
    imagesPerCpuSecond: thousandths(images / median(cpu)),
  };
  rows.push(row);
  // deno-lint-ignore no-console -- what this script is for
  console.log(JSON.stringify(row));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** How far two engines' results are apart. */
function compare(a: Float32Array, b: Float32Array, labels: number) {
  const pixels = a.length / labels;
  const likeliest = (q: Float32Array, pixel: number) => {
    let best = pixel;
    for (let i = pixel; i < q.length; i += pixels) if (q[i]! > q[best]!) best = i;
    return best;
  };
  let agreeing = 0, largest = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (likeliest(a, pixel) === likeliest(b, pixel)) agreeing++;
  }
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return { labels, argmaxAgreement: agreeing / pixels, largestDifference: largest };
}

const options = denseCrfOptions.parse({});
const image = await photograph();
const scores = new Map(LABELS.map((labels) => [labels, smoothScores(labels)]));
const cores = navigator.hardwareConcurrency;

async function onOneCore(): Promise<void> {
  const meanField = new MeanField();
  for (const [labels, given] of scores) {
    const run = () => denseCrf(given, image, options, meanField);
    run();
    await measure({ what: "one core", labels }, run);
  }
  await measure({ what: "one core: of it both lattices" }, () => pairwiseKernels(image, options));
}

async function inWorkers(): Promise<void> {
  for (const [labels, given] of scores) {
    const pool = new CrfPool(cores);
    const refine = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () => pool.refine({ scores: given, image, options })),
      );
    await refine(cores);
    const images = IMAGES_A_CORE * cores;
    await measure(
      { what: `all cores: ${cores} Workers`, labels, images, runs: 1 },
      () => refine(images),
    );
    pool.close();
  }
}

/** @returns how the results differ from the CPU's */
async function onWebGpu(software: boolean): Promise<readonly ReturnType<typeof compare>[]> {
  const meanField = await openWebGpuMeanField();
  const kernels = pairwiseKernels(image, options).map(gatherKernel);
  const apart = [];
  // A software adapter takes seconds an image.
  const some = software ? { images: 2, runs: 1 } : { images: IMAGES_A_CORE * cores, runs: RUNS };
  for (const [labels, given] of scores) {
    const infer = () => meanField.infer(given, kernels, options.iterations);
    apart.push(compare((await infer()).data, denseCrf(given, image, options).data, labels));
    await measure(
      { what: "WebGPU: upload, mean field, download", labels, runs: some.runs },
      infer,
    );
    const crf = new WebGpuCrf(options, cores);
    await crf.refine(given, image);
    await measure(
      { what: `WebGPU: all, lattices from ${cores} Workers`, labels, ...some },
      () => refineMany(crf, given, some.images),
    );
    crf.close();
  }
  meanField.close();
  return apart;
}

/** @returns both engines by number of labels, or why there is no pydensecrf */
async function withPydensecrf() {
  const found = await findPydensecrf();
  if ("notMeasured" in found) {
    // deno-lint-ignore no-console -- who reads the times must know which are missing
    console.log(
      `\n!!! NOT MEASURED: pydensecrf, which no Python imports: ${found.notMeasured} !!!\n`,
    );
    return found;
  }
  const beside = [];
  for (const labels of LABELS) {
    beside.push(await besidePydensecrf(found.python, await scenes(labels, IMAGES_OF_BOTH), RUNS));
  }
  return { ...found, rows: beside };
}

function refineMany(crf: Refinement, given: Scores, count: number): Promise<readonly Scores[]> {
  return Promise.all(Array.from({ length: count }, () => crf.refine(given, image)));
}

const [machine] = Deno.args;
if (machine === undefined) throw new RangeError('Name the machine, as in "2 cores of an AMD EPYC"');
const loadBefore = Deno.loadavg()[0];
await onOneCore();
await inWorkers();
const found = await findAdapter("high-performance");
const adapter = "adapter" in found
  ? { name: describeAdapter(found.adapter), software: isSoftware(found.adapter) }
  : undefined;
const apart = adapter && await onWebGpu(adapter.software);
const pydensecrf = await withPydensecrf();
const loads = [loadBefore, Deno.loadavg()[0]].map((load) => Math.round(load! * 10) / 10);
const result = {
  question: `dense CRF, ${WIDTH}x${HEIGHT}, ${options.iterations} iterations`,
  machine,
  cores,
  loadAverageBeforeAndAfter: loads,
  busy: loads[0]! > 0.5
    ? "the machine did other work meanwhile: the clock says little, CPU time more"
    : "the machine was idle",
  date: new Date().toISOString().slice(0, 10),
  deno: Deno.version.deno,
  os: `${Deno.build.os} ${Deno.build.arch}`,
  webgpuAdapter: adapter ?? "none: not measured",
  ...apart && { webgpuAgainstCpu: apart },
  pydensecrf,
  rows,
};
await Deno.writeTextFile(RESULTS, JSON.stringify(result, null, 2) + "\n");
