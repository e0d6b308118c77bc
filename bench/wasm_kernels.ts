/**
 * Our kernels on wasm, and whole training steps, against tfjs with the smallest fixes that run them at all, in one go: processor
 * time, the least of several measurements that take turns. Writes bench/results/wasm_kernels.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/wasm_kernels.ts [--only conv]
 *
 * @module
 */
import os from "node:os";
import { parseArgs } from "@std/cli";
import * as tf from "@tensorflow/tfjs";
import { makeManifest } from "../core/manifest.ts";
import { hasRelaxedSimd } from "../core/ops/wasm/program.ts";
import type { Recipe } from "../core/recipe/schema.ts";
import { kernelCases } from "./wasm/kernels.ts";
import { compare, type Comparison } from "./wasm/measure.ts";
import { baseline, seam } from "./wasm/mini_network.ts";
import { mobilenetStep } from "./wasm/mobilenet_step.ts";
import { backend } from "./wasm/sides.ts";

const RESULTS = "bench/results/wasm_kernels.json";

interface Row extends Comparison {
  readonly what: string;
  readonly oursGflops?: number;
}

interface Results {
  readonly madeWith: Readonly<Record<string, unknown>>;
  readonly rows: readonly Row[];
}

const args = parseArgs(Deno.args, { string: ["only"] });
const only = args["only"] as string | undefined;
const mobilenet = await mobilenetStep(8, 224);
const gradients = (loss: () => tf.Scalar) => () => void tf.variableGrads(loss);
const cases = [
  ...kernelCases().map((one) => ({ rounds: 7, ...one })),
  { name: "step of the mini network, baseline, batch 8", rounds: 7, run: gradients(baseline) },
  { name: "step of the mini network, SEAM, batch 8", rounds: 7, run: gradients(seam) },
  { name: "step of MobileNetV2 under SEAM, 224x224, batch 8", rounds: 1, run: mobilenet },
];
const rows: Row[] = [];
for (const { name, rounds, run, ...one } of cases) {
  if (only !== undefined && !name.includes(only)) continue;
  const comparison = compare(run, rounds);
  const flop = "flop" in one ? one.flop as number : undefined;
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
const earlier: Partial<Results> = JSON.parse(await Deno.readTextFile(RESULTS).catch(() => "{}"));
const kept = (earlier.rows ?? []).filter(({ what }) => !rows.some((row) => row.what === what));
// Of a recipe the manifest repeats only the seed.
const manifest = await makeManifest({ seed: 1 } as unknown as Recipe, backend, "", {});
const { data: _, seed: __, base: ___, ...versions } = manifest;
const results: Results = {
  madeWith: {
    ...versions,
    processor: os.cpus()[0]?.model ?? "unknown",
    relaxedSimd: hasRelaxedSimd(),
  },
  rows: only === undefined ? rows : [...kept, ...rows],
};
await Deno.writeTextFile(RESULTS, JSON.stringify(results, null, 2) + "\n");
