/**
 * Our WebGPU kernels against tfjs's own and against what our ops compose of those, in one go, beside what the device does in a plain
 * large matrix product and a copy. Writes bench/results/webgpu_kernels.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/webgpu_kernels.ts [--only conv]
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { kernelCases } from "./webgpu/kernels.ts";
import { time } from "./webgpu/measure.ts";
import { writeResults } from "./webgpu/results.ts";
import type { Side } from "./webgpu/sides.ts";

const RESULTS = "bench/results/webgpu_kernels.json";
const ROUNDS = 3;

/** One line of the results. */
interface Row {
  readonly what: string;
  /** Milliseconds by side; processor time where the adapter computes on the CPU. */
  readonly ms: Readonly<Partial<Record<Side, number>>>;
  /** How many times as fast ours is as each other side. */
  readonly ratio: Readonly<Partial<Record<Side, number>>>;
  /** Of our side, or of the only one. */
  readonly gflops?: number;
  readonly gbytes?: number;
}

const digits = (value: number) => Number(value.toPrecision(3));

const { only } = parseArgs(Deno.args, { string: ["only"] }) as { only?: string };
const rows: Row[] = [];
for (const { name, flop, bytes, sides } of kernelCases()) {
  if (only !== undefined && !name.includes(only)) continue;
  const ms = await time(sides, ROUNDS);
  const own = ms.ours ?? ms.stock!;
  const others = Object.entries(ms).filter(([side]) => side !== "ours" && ms.ours !== undefined);
  const row: Row = {
    what: name,
    ms: Object.fromEntries(Object.entries(ms).map(([side, value]) => [side, digits(value)])),
    ratio: Object.fromEntries(others.map(([side, value]) => [side, digits(value / own)])),
    ...flop !== undefined && { gflops: digits(flop / own / 1e6) },
    ...bytes !== undefined && { gbytes: digits(bytes / own / 1e6) },
  };
  rows.push(row);
  const cell = (side: Side) => row.ratio[side] === undefined ? "" : `${row.ratio[side]}x`;
  // deno-lint-ignore no-console -- what this script is for
  console.log(
    `${cell("stock").padStart(7)} ${cell("composed").padStart(7)} ${
      String(row.gflops ?? "").padStart(6)
    } ${String(row.gbytes ?? "").padStart(5)}  ${name}`,
  );
}
await writeResults(RESULTS, rows, only === undefined);
