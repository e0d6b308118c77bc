/**
 * What SEAM's head and losses run on WebGPU beside convolutions (pixel correlation, resize, maxima, top-k): our kernels against tfjs's
 * own and against what our ops compose of those, in time and in memory. The stock side of the pixel correlation is its equation as
 * it reads, plain products with the matrix of pixels x pixels. Writes bench/results/webgpu_head.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/webgpu_head.ts [--only PCM]
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import * as tf from "@tensorflow/tfjs";
import { headCases } from "./webgpu/head_kernels.ts";
import { time } from "./webgpu/measure.ts";
import { writeResults } from "./webgpu/results.ts";
import { device, type Side, swapIn } from "./webgpu/sides.ts";

const RESULTS = "bench/results/webgpu_head.json";

/** Measurements a side: each of these takes long. */
const ROUNDS = 1;

/** Numbers by side. */
type BySide = Readonly<Partial<Record<Side, number>>>;

/** One line of the results. */
interface Row {
  readonly what: string;
  /** Milliseconds; processor time where the adapter computes on the CPU. */
  readonly ms: BySide;
  /** How many times as fast ours is. */
  readonly ratio: BySide;
  /** Most bytes of buffers in use at a time, beside the input. */
  readonly bytes: BySide;
  /** Ours, by the other side's. */
  readonly bytesRatio: BySide;
}

const digits = (value: number) => Number(value.toPrecision(3));

const { only } = parseArgs(Deno.args, { string: ["only"] }) as { only?: string };
const rows: Row[] = [];
for (const { name, sides } of headCases()) {
  if (only !== undefined && !name.includes(only)) continue;
  const ms = await time(sides, ROUNDS);
  const bytes: Partial<Record<Side, number>> = {};
  for (const [side, run] of Object.entries(sides) as [Side, () => void][]) {
    swapIn(side);
    bytes[side] = await peakBytes(run);
  }
  const compare = (of: BySide, by: (own: number, other: number) => number): BySide =>
    Object.fromEntries(
      Object.entries(of).filter(([side]) => side !== "ours")
        .map(([side, value]) => [side, digits(by(of.ours!, value))]),
    );
  const row: Row = {
    what: name,
    ms: Object.fromEntries(Object.entries(ms).map(([side, value]) => [side, digits(value)])),
    ratio: compare(ms, (own, other) => other / own),
    bytes,
    bytesRatio: compare(bytes, (own, other) => own / other),
  };
  rows.push(row);
  // Kept at once: what was measured outlives a kernel that takes too long.
  await writeResults(RESULTS, rows, false);
  const cell = (value?: number) => (value === undefined ? "" : `${value}`).padStart(7);
  // deno-lint-ignore no-console -- what this script is for
  console.log(
    `${cell(row.ratio.stock)} ${cell(row.ratio.composed)} ${cell(row.bytesRatio.stock)} ${
      cell(row.bytesRatio.composed)
    }  ${name}`,
  );
}

/** Most bytes of buffers in use at a time while something runs, beside those that were. */
async function peakBytes(run: () => void): Promise<number> {
  await device.check();
  // What a backend's pool holds is private to tfjs; `tf.memory()` counts tensors that share a buffer once each.
  const { bufferManager } = tf.backend() as unknown as {
    readonly bufferManager: {
      readonly numBytesUsed: number;
      acquireBuffer: (...args: unknown[]) => unknown;
    };
  };
  const before = bufferManager.numBytesUsed, acquire = bufferManager.acquireBuffer;
  let peak = before;
  bufferManager.acquireBuffer = (...args) => {
    const buffer = acquire.apply(bufferManager, args);
    peak = Math.max(peak, bufferManager.numBytesUsed);
    return buffer;
  };
  try {
    tf.tidy(run);
    await device.check();
  } finally {
    bufferManager.acquireBuffer = acquire;
  }
  return peak - before;
}

if (only === undefined) await writeResults(RESULTS, rows, true);
