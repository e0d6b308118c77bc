/**
 * Our kernels on wasm and whole training steps, against tfjs with the smallest fixes that run them at all. `bench/wasm_kernels.ts`
 * measures the same in processor time.
 *
 *   deno bench --allow-read --allow-env bench/wasm_kernels.bench.ts [--filter "conv 3x3 1x56"]
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { compare } from "./deno/compare.ts";
import { wasmCases } from "./wasm/cases.ts";
import { ours, stock, swapIn } from "./wasm/sides.ts";

for (const { name, flop, rounds, run } of await wasmCases()) {
  const tidied = () => tf.tidy(run);
  compare(
    { name, ...flop !== undefined && { flop }, sides: { stock: tidied, ours: tidied } },
    { ready: (side) => swapIn(side === "stock" ? stock : ours) },
    rounds,
  );
}
