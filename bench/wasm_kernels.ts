/**
 * Our kernels on wasm, and whole training steps, against tfjs with the smallest fixes that run them at all, in one go: processor
 * time, the least of several measurements that take turns. Writes bench/results/wasm_kernels.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/wasm_kernels.ts [--only conv]
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { hasRelaxedSimd } from "../plugins/ops/wasm/program.ts";
import { amongEarlier, madeWith } from "./results_file.ts";
import { wasmCases } from "./wasm/cases.ts";
import { compare, type Comparison } from "./wasm/measure.ts";
import { backend } from "./wasm/sides.ts";

const RESULTS = "bench/results/wasm_kernels.json";

interface Row extends Comparison {
  readonly what: string;
  readonly oursGflops?: number;
}

const args = parseArgs(Deno.args, { string: ["only"] });
const only = args["only"] as string | undefined;
const rows: Row[] = [];
for (const { name, rounds, run, flop } of await wasmCases()) {
  if (only !== undefined && !name.includes(only)) continue;
  const comparison = compare(run, rounds);
  const row = {
    what: name,
    ...comparison,
    ...flop !== undefined && { oursGflops: Math.round(flop / comparison.oursMs / 1e5) / 10 },
  };
  rows.push(row);
  // deno-lint-ignore no-console -- what this script is for
  console.log(
    `${row.ratio.toFixed(2).padStart(7)}x ${String(row.stockMs).padStart(8)} -> ${
      String(row.oursMs).padEnd(8)
    } ms  ${row.what}`,
  );
}
const results = {
  madeWith: { ...await madeWith(backend, 1), relaxedSimd: hasRelaxedSimd() },
  rows: only === undefined ? rows : await amongEarlier(RESULTS, rows),
};
await Deno.writeTextFile(RESULTS, JSON.stringify(results, null, 2) + "\n");
