import { describeAdapter, isSoftware, lookAtAdapter } from "seamstress/ops";
import { denseCrf } from "../../plugins/refinement/crf/dense_crf.ts";
import { compare, least, median } from "../measure/compare.ts";
import type { Load } from "../measure/load.ts";
import { print, skipped } from "../measure/print.ts";
import { processorName, writeResult } from "../measure/results.ts";
import { RECORDED } from "../measure/sample.ts";
import { differences } from "./differences.ts";
import { besidePydensecrf, findPydensecrf } from "./pydensecrf.ts";
import { HEIGHT, LABELS, scenes, WIDTH } from "./scene.ts";
import { type CrfWork, image, inWorkers, onOneCore, onWebGpu, options } from "./works.ts";

/** Number of runs per measurement, and number of images that pydensecrf infers too. */
const RUNS = 5, IMAGES_OF_BOTH = 5;

/** One line of the results. */
interface Row {
  readonly what: string;
  readonly labels?: number;
  readonly images: number;
  readonly runs: number;
  /** Wall-clock time, median of the runs; other load on the machine increases it. */
  readonly seconds: number;
  readonly fastestSeconds: number;
  /** CPU time of all threads of this process, median of the runs. */
  readonly cpuSeconds: number;
  /** From wall-clock time. */
  readonly imagesPerSecond: number;
  /** Images per second of CPU time, that is, of one otherwise idle core. */
  readonly imagesPerCpuSecond: number;
}

const rows: Row[] = [];

/** Measures some runs after a warm-up run, which compiles and starts Workers. */
async function measure(work: CrfWork, runs: number): Promise<void> {
  const { what, labels, images } = work;
  const { work: { wall, processor } } = await compare({ work }, {
    ...{ rounds: runs, measured: RECORDED, warmUps: 1, leastMs: 0 },
  });
  const seconds = median(wall) / 1e3, cpuSeconds = median(processor) / 1e3;
  const row: Row = {
    what,
    ...labels !== undefined && { labels },
    ...{ images, runs },
    seconds: thousandths(seconds),
    fastestSeconds: thousandths(least(wall) / 1e3),
    cpuSeconds: thousandths(cpuSeconds),
    imagesPerSecond: thousandths(images / seconds),
    imagesPerCpuSecond: thousandths(images / cpuSeconds),
  };
  rows.push(row);
  print(JSON.stringify(row));
  work.close?.();
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** @returns how the results on WebGPU differ from the CPU's */
async function measureWebGpu(cores: number, software: boolean) {
  const { meanField, all, close } = await onWebGpu(cores, software);
  const apart = [], runs = software ? 1 : RUNS;
  for (const [i, one] of meanField.entries()) {
    const onCpu = denseCrf(one.scores, image, options).data;
    apart.push(differences((await one.infer()).data, onCpu, one.labels!));
    await measure(one, runs);
    await measure(all[i]!, runs);
  }
  close();
  return apart;
}

/** @returns both implementations by number of labels, or why there is no pydensecrf */
async function withPydensecrf(load: Load) {
  const found = await findPydensecrf();
  if ("notMeasured" in found) {
    skipped(`pydensecrf, which no Python imports: ${found.notMeasured}`);
    return found;
  }
  const beside = [];
  for (const labels of LABELS) {
    const images = await scenes(labels, IMAGES_OF_BOTH);
    beside.push(await besidePydensecrf(found.python, images, RUNS, load));
  }
  return { ...found, rows: beside };
}

/**
 * Measures the dense CRF on one core, on all of them, on WebGPU where there is an adapter and beside pydensecrf where there is
 * one; writes bench/results/dense_crf.json.
 *
 * @param _args none
 * @param load of the machine
 */
export async function recordDenseCrf(_args: readonly string[], load: Load): Promise<void> {
  const cores = navigator.hardwareConcurrency;
  for (const work of onOneCore()) await measure(work, RUNS);
  for (const work of inWorkers(cores)) await measure(work, 1);
  const found = await lookAtAdapter("high-performance");
  const adapter = "adapter" in found
    ? { name: describeAdapter(found.adapter), software: isSoftware(found.adapter) }
    : undefined;
  const apart = adapter && await measureWebGpu(cores, adapter.software);
  const pydensecrf = await withPydensecrf(load);
  await writeResult("dense_crf.json", {
    question: `dense CRF, ${WIDTH}x${HEIGHT}, ${options.iterations} iterations`,
    machine: `${cores} cores of ${processorName()}`,
    load: load.found(),
    date: new Date().toISOString().slice(0, 10),
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    webgpuAdapter: adapter ?? "none: not measured",
    ...apart && { webgpuAgainstCpu: apart },
    pydensecrf,
    rows,
  });
}
