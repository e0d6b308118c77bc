/**
 * Our WebGPU kernels against tfjs's own and against what our ops compose of those, in one go, beside what the device does in plain
 * large matrix products and copies, ours, tfjs's and, on a GPU, PyTorch's. Writes bench/results/webgpu_kernels.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/webgpu_kernels.ts [--only conv]
 *   deno run … --allow-run=python3 … bench/webgpu_kernels.ts --python python3     # PyTorch's peaks, too
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { messageOf } from "../core/errors.ts";
import { kernelCases } from "./webgpu/kernels.ts";
import { time } from "./webgpu/measure.ts";
import { PEAK } from "./webgpu/peaks.ts";
import { pytorchPeaks } from "./webgpu/pytorch.ts";
import { writeResults } from "./webgpu/results.ts";
import { type Row, rowOf } from "./webgpu/row.ts";
import type { Side } from "./webgpu/sides.ts";

const RESULTS = "bench/results/webgpu_kernels.json";
const ROUNDS = 3;

// deno-lint-ignore no-console -- what this script is for
const print = (text: string) => console.log(text);

const { only, python } = parseArgs(Deno.args, { string: ["only", "python"] }) as {
  only?: string;
  python?: string;
};
const rows: Row[] = [];

/** Kept at once: what was measured outlives a kernel that takes too long. */
async function add(row: Row): Promise<void> {
  rows.push(row);
  await writeResults(RESULTS, rows, false);
  const cell = (side: Side) => row.ratio[side] === undefined ? "" : `${row.ratio[side]}x`;
  print(
    `${cell("stock").padStart(7)} ${cell("composed").padStart(7)} ${
      String(row.gflops ?? "").padStart(6)
    } ${String(row.gbytes ?? "").padStart(5)}  ${row.what}`,
  );
}

if (python !== undefined) {
  try {
    for (const row of await pytorchPeaks(python)) await add(row);
  } catch (error) {
    print(`\n!!! SKIPPED: ${messageOf(error)} !!!\n`);
  }
}
for (const one of kernelCases()) {
  // What others are compared with is measured with them.
  if (only !== undefined && !one.name.includes(only) && !one.name.startsWith(PEAK)) continue;
  await add(rowOf(one, await time(one.sides, ROUNDS)));
}
if (only === undefined) await writeResults(RESULTS, rows, true);
