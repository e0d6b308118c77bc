/**
 * How fast are our kernels on WebGPU? Against tfjs's own and against what our ops compose of those, beside what the device does in plain
 * large matrix products and copies: the lines `peak`. On a software adapter `record` measures processor time.
 *
 *   deno bench --allow-read --allow-env bench/webgpu_kernels.bench.ts [--filter "conv 3x3 1x28x28x64"] [-- --with FILE]
 *   deno run … bench/record.ts webgpu_kernels [--only conv] [--with FILE] [--python python3]    # PyTorch's peaks, too
 *
 * @module
 */
import { pytorchPeaks } from "./ops/pytorch.ts";
import { peaks } from "./ops/peaks.ts";
import { opsQuestion } from "./ops/question.ts";

/** Writes bench/results/webgpu_kernels.json. */
export const record = await opsQuestion(import.meta, {
  ...{ name: "webgpu_kernels", backend: "webgpu", rounds: 3 },
  picks: ({ memory }) => !memory,
  first: peaks,
  others: pytorchPeaks,
});
