import type { StepRow } from "../step/row.ts";
import { digits } from "../measure/digits.ts";
import { madeOn } from "./made_on.ts";
import { megabytes, table, times, wrap } from "./markdown.ts";
import { type Peaks, peaksOf, share } from "./peaks.ts";
import type { Compared, DenseCrf, Results } from "./results.ts";

/** Implementations of a step and what they are called. */
const NAMES: Readonly<Record<string, string>> = {
  ours: "this project",
  workers: "this project, group: workers",
  recompute: "this project, recompute: blocks",
  f16: "this project, precision: f16",
  tfjs: "tfjs's kernels",
};

function stepTable(row: StepRow): string {
  const lines = Object.entries(row.implementations).map(([name, taken], i) => [
    [NAMES[name] ?? name, taken.device && `(${taken.device})`].filter((part) => part).join(" "),
    taken.seconds,
    taken.cpuSeconds,
    taken.imagesPerSecond,
    megabytes(taken.peakBytes),
    i === 0 ? undefined : times(row.ratio[name]),
    row.largestDifference[name]?.toExponential(1),
  ]);
  const head = ["implementation", "s", "CPU s", "images/s", "peak MB", "ours is", "losses apart"];
  return [
    `### ${row.what}`,
    madeOn(row.madeWith, row.measured),
    table(head, lines),
  ].join("\n\n");
}

/** @returns whole training steps */
export function steps({ step }: Results): string | undefined {
  if (step === undefined) return undefined;
  const intro = wrap(
    "SEAM on ResNet38, forward, backward and update, from the same weights, images and dropout masks; nothing is reported unless " +
      "the losses of two steps agree to 1e-4 (TF32 to 3e-2, f16 to 2e-2; of the second, after the update, to ten times that). tfjs alone cannot train this " +
      "network: its line is its own kernels, gradients composed of them and one top-k. “ours is” says how many times as fast this " +
      "project's first line is, on PyTorch's lines of several threads its line with `group: workers`, where there is one. Times are wall time. Memory: on WebGPU buffers in use, on wasm tensors, on CUDA tensors, of PyTorch on " +
      "the CPU what the process grew by; that includes what malloc keeps.",
  );
  return ["## A training step", intro, ...step.map(stepTable)].join("\n\n");
}

function compared(
  title: string,
  intro: string,
  found: Compared | undefined,
  peaks?: Peaks,
): string | undefined {
  if (found === undefined) return undefined;
  const head = ["what", "tfjs ms", "composed ms", "ours ms", "against tfjs", "against composed"];
  const rows = found.rows.map((row) => {
    const { what, ms, ratio, gflops, gbytes, bytes } = row;
    return [
      what,
      ms["tfjs"],
      ms["composed"],
      ms["ours"],
      times(ratio["tfjs"]),
      times(ratio["composed"]),
      ...peaks
        ? [gflops, gbytes, share(row, peaks)]
        : [megabytes(bytes?.["tfjs"] ?? bytes?.["composed"]), megabytes(bytes?.["ours"])],
    ];
  });
  const columns = peaks ? ["GFLOP/s", "GB/s", "of peak"] : ["MB before", "MB ours"];
  return [
    `## ${title}`,
    madeOn(found.madeWith, found.measured),
    wrap(intro),
    table([...head, ...columns], rows),
  ].join("\n\n");
}

/** @returns WebGPU's kernels */
export function webgpuKernels({ webgpuKernels }: Results): string | undefined {
  const least = webgpuKernels?.rows.flatMap(({ ratio }) => ratio["tfjs"] ?? []);
  const slowest = least?.length
    ? ` The least of our factors over tfjs is ${Math.min(...least)}.`
    : "";
  const peaks = peaksOf(webgpuKernels?.rows ?? []);
  return compared(
    "Kernels on WebGPU",
    "“composed” is the same op made of tfjs's kernels, which is what runs where there is no kernel of ours; where tfjs's column is " +
      "empty it cannot. The lines “peak” are what the device does in something plain and large" +
      `${peaks.text && `; of peak is the share of ${peaks.text}`}.${slowest}`,
    webgpuKernels,
    peaks,
  );
}

/** @returns WebGPU's kernels of head and losses */
export function webgpuHead({ webgpuHead }: Results): string | undefined {
  return compared(
    "Head and losses on WebGPU",
    "The pixel correlation of tfjs is its equation with the matrix of pixels x pixels. Memory is that of tensors beside the input.",
    webgpuHead,
  );
}

/** @returns wasm's kernels */
export function wasmKernels({ wasmKernels }: Results): string | undefined {
  if (wasmKernels === undefined) return undefined;
  const rows = wasmKernels.rows.map(({ what, ms, ratio, gflops }) => [
    what,
    ms["tfjs"],
    ms["ours"],
    times(ratio["tfjs"]),
    gflops,
  ]);
  return [
    "## Kernels and small steps on wasm",
    madeOn(wasmKernels.madeWith, wasmKernels.measured),
    wrap("tfjs has the gradients that it lacks, written as most people write them."),
    table(["what", "tfjs ms", "ours ms", "ours is", "GFLOP/s"], rows),
  ].join("\n\n");
}

/** @returns the network at full width */
export function fullSize({ fullSize }: Results): string | undefined {
  if (fullSize === undefined) return undefined;
  const rows = fullSize.toSorted((a, b) => a.what < b.what ? -1 : 1)
    .map(({ what, seconds, cpuSeconds, peak, madeWith }) => [
      what,
      madeWith.device,
      ...madeWith.load ? [seconds, cpuSeconds] : [undefined, undefined],
      megabytes(peak.tensorBytes),
      megabytes(peak.gpuBytesInUse),
      megabytes(peak.backendBytes),
      madeWith.commit?.slice(0, 7),
    ]);
  const head = ["what", "device", "s", "CPU s", "tensors MB", "in use MB", "held MB", "commit"];
  return [
    "## ResNet38 at full width",
    wrap(
      "105 million parameters. “held” is wasm's heap, or GPU buffers with the free ones that are kept for later. Parts of it were measured " +
        "on different days and commits; where the machine did other work meanwhile memory alone is shown.",
    ),
    table(head, rows),
  ].join("\n\n");
}

/** What pydensecrf takes for the same images, or that nobody has measured it. */
function pydensecrf(found: DenseCrf["pydensecrf"]): string {
  if ("notMeasured" in found) {
    return wrap(
      "pydensecrf, which the authors' code uses, was not measured on this machine: `bench/dense_crf.bench.ts` compares both where a Python " +
        `imports it, and none did (${found.notMeasured}).`,
    );
  }
  const rows = found.rows.map((row) => [
    row.labels,
    row.images,
    digits(row.seconds),
    digits(row.oursSeconds),
    times(digits(row.seconds / row.oursSeconds)),
    digits(row.cpuSeconds),
    digits(row.oursCpuSeconds),
    `${row.labelsApart} of ${row.pixels}`,
  ]);
  const head = [
    "labels",
    "images",
    "pydensecrf, s an image",
    "ours",
    "ours is",
    "pydensecrf, CPU s",
    "ours",
    "labels apart",
  ];
  return [
    wrap(
      "Beside pydensecrf, which the authors' code uses: the same images, one thread each, from scores to labels.",
    ),
    table(head, rows),
  ].join("\n\n");
}

/** @returns the dense CRF, beside pydensecrf where it was measured */
export function denseCrf({ denseCrf }: Results): string | undefined {
  if (denseCrf === undefined) return undefined;
  const rows = denseCrf.rows.map(({ what, labels, images, seconds, cpuSeconds }) => [
    what,
    labels,
    images,
    digits(seconds / images),
    digits(cpuSeconds / images),
  ]);
  return [
    "## Dense CRF",
    madeOn({
      device: [denseCrf.machine, denseCrf.webgpuAdapter?.name].filter((name) => name).join("; "),
      deno: denseCrf.deno,
      started: denseCrf.date,
      ...denseCrf.load && { load: denseCrf.load },
    }),
    "A photograph of 500x375, 10 iterations.",
    table(["what", "labels", "images", "s an image", "CPU s an image"], rows),
    pydensecrf(denseCrf.pydensecrf),
  ].join("\n\n");
}

/** @returns the random walk, dense and sparse */
export function randomWalk({ randomWalk }: Results): string | undefined {
  if (randomWalk === undefined) return undefined;
  const rows = randomWalk.rows.map((row) => [
    row.what,
    row.denseSeconds,
    row.sparseSecondsOf21Classes,
    row.sparseSecondsOf3Classes,
    times(row.ratio),
    megabytes(row.denseBytes),
    megabytes(row.sparseBytes),
  ]);
  const head = [
    "what",
    "dense s",
    "sparse s",
    "sparse s, 3 classes",
    "sparse is",
    "dense MB",
    "sparse MB",
  ];
  return [
    "## Random walk",
    madeOn(randomWalk.madeWith),
    wrap(
      "Dense squares the whole matrix six times, as the authors' code does, here with this project's matrix product on wasm; 47x63 are a " +
        "photograph of 500x375 at stride 8. Both give the same scores.",
    ),
    table(head, rows),
  ].join("\n\n");
}

/** @returns loading of weights */
export function loadWeights({ loadWeights }: Results): string | undefined {
  if (loadWeights === undefined) return undefined;
  const rows = loadWeights.files.map(({ file, cpuSeconds, residentBytes }) => [
    file,
    cpuSeconds,
    megabytes(residentBytes),
  ]);
  return [
    "## Loading weights",
    wrap(`_${loadWeights.machine}_`),
    table(["file, 105 million parameters", "CPU s", "resident MB"], rows),
  ].join("\n\n");
}

/** @returns the authors' numbers, recomputed */
export function verified({ verify }: Results): string | undefined {
  if (verify === undefined) return undefined;
  const rows = verify.results.map(({ path, kind, quantities, passed, seconds }) => [
    path.split("/").at(-1),
    kind,
    passed ? "pass" : "FAIL",
    Math.max(...quantities.map(({ maxRelative }) => maxRelative)).toExponential(1),
    digits(seconds),
  ]);
  return [
    "## Golden files",
    wrap(`_${verify.device}_`),
    table(["file", "kind", "", "largest relative difference", "s"], rows),
  ].join("\n\n");
}
