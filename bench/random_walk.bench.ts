/**
 * How long does the random walk of one image take, 64 steps? Sparse, as here; and by squaring the dense transition matrix six times as
 * the authors' code does, with this project's matrix product on wasm. Recorded, also
 * at the size of a photograph of 500x375, 47x63 pixels at stride 8, where the dense way takes 312 GFLOP and is measured once.
 *
 *   deno bench --allow-read bench/random_walk.bench.ts
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/record.ts random_walk [--small]
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import { openImplementations } from "./implementations/open.ts";
import { isBenching, registerBench } from "./measure/deno_bench.ts";
import type { Load } from "./measure/load.ts";
import { print } from "./measure/print.ts";
import { madeWith, writeResult } from "./measure/results.ts";
import { RECORDED } from "./measure/sample.ts";
import { measureWalk } from "./random_walk/measure.ts";
import { PHOTOGRAPH, SMALL_SIZES, walksOf } from "./random_walk/walks.ts";

/** Measurements; the dense walk at a photograph's size takes one. */
const ROUNDS = 5;

if (isBenching(import.meta)) {
  await openImplementations("wasm");
  for (const [height, width] of SMALL_SIZES) {
    const implementations = walksOf(height, width).works;
    registerBench({ name: `random walk of ${height}x${width}`, implementations });
  }
}

/** Writes bench/results/random_walk.json. */
export async function record(args: readonly string[], load: Load): Promise<void> {
  const { small } = parseArgs([...args], { boolean: ["small"] }) as { small?: boolean };
  const { info } = await openImplementations("wasm");
  const rows = [];
  for (const [height, width] of [...SMALL_SIZES, ...small ? [] : [PHOTOGRAPH]]) {
    const row = await measureWalk(walksOf(height, width), ROUNDS, height === PHOTOGRAPH[0]);
    rows.push(row);
    print(JSON.stringify(row));
  }
  await writeResult("random_walk.json", {
    madeWith: await madeWith(info, load),
    measured: RECORDED,
    rows,
  });
}
