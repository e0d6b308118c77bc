/**
 * The random walk of one photograph of 500x375, 47x63 pixels at stride 8, 64 steps: sparse, as here, and by squaring the dense transition
 * matrix six times as the authors' code does, 312 GFLOP, with this project's matrix product on wasm. Processor time, since other programs
 * run too. Writes bench/results/random_walk.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-write=bench/results bench/random_walk.ts [--small]
 *
 * @module
 */
import { DEFAULT_LIMITS } from "../core/recipe/limits.ts";
import { ops } from "../plugins/ops/list.ts";
import process from "node:process";
import { parseArgs } from "@std/cli";
import { wasmBackend } from "../plugins/backends/wasm.ts";
import { walkSteps } from "../plugins/affinitynet/random_walk/steps.ts";
import { transitionMatrix } from "../plugins/affinitynet/random_walk/transition.ts";
import { madeWith } from "./results_file.ts";
import {
  BETA,
  CLASSES,
  LOGT,
  PHOTOGRAPH,
  randomAffinity,
  scoresOf,
  SMALL_SIZES,
  walkDense,
} from "./random_walk/walks.ts";

const RESULTS = "bench/results/random_walk.json";
/** Measurements; the dense walk at a photograph's size takes one. */
const ROUNDS = 5;

const { small } = parseArgs(Deno.args, { boolean: ["small"] }) as { small?: boolean };
const noFactory = {
  limits: DEFAULT_LIMITS,
  create: () => Promise.reject(new Error("wasm names no other plugins")),
};
const backend = await (await wasmBackend.create({}, undefined, noFactory)).prepare(ops);
const rows = [];
for (const [height, width] of [...SMALL_SIZES, ...small ? [] : [PHOTOGRAPH]]) {
  const size = height * width;
  const affinity = randomAffinity(height, width);
  const transition = transitionMatrix(affinity, BETA);
  const [few, all] = [3, CLASSES].map((present) => scoresOf(size, present));
  const steps = 2 ** LOGT;
  const matrix = cpuSeconds(ROUNDS, () => transitionMatrix(affinity, BETA));
  const sparseFew = cpuSeconds(ROUNDS, () => walkSteps(transition, few!, steps));
  const sparse = cpuSeconds(ROUNDS, () => walkSteps(transition, all!, steps));
  let walked = new Float32Array();
  const dense = cpuSeconds(
    height === PHOTOGRAPH[0] ? 1 : ROUNDS,
    () => walked = new Float32Array(walkDense(transition, all!)),
  );
  const expected = walkSteps(transition, all!, steps);
  const largest = expected.reduce(
    (max, value, i) => Math.max(max, Math.abs(value - walked[i]!)),
    0,
  );
  if (!(largest < 1e-3)) {
    throw new RangeError(`Cannot report times: dense and sparse differ by ${largest}`);
  }
  const row = {
    what: `random walk of ${height}x${width} pixels, ${steps} steps`,
    entries: transition.values.length,
    matrixSeconds: digits(matrix),
    sparseSecondsOf3Classes: digits(sparseFew),
    sparseSecondsOf21Classes: digits(sparse),
    denseSeconds: digits(dense),
    /** How many times as fast the sparse walk is, of all classes. */
    ratio: digits(dense / sparse),
    sparseBytes: transition.values.byteLength + transition.rows.byteLength,
    denseBytes: 2 * 4 * size * size,
    largestDifference: digits(largest),
  };
  rows.push(row);
  // deno-lint-ignore no-console -- what this script is for
  console.log(JSON.stringify(row));
}

/** Processor time of the fastest of some runs, after one that warms up where there are several. */
function cpuSeconds(rounds: number, run: () => unknown): number {
  let least = Infinity;
  for (let round = rounds > 1 ? -1 : 0; round < rounds; round++) {
    const usage = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(usage);
    if (round >= 0) least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}

function digits(value: number): number {
  return Number(value.toPrecision(3));
}

const results = { madeWith: await madeWith(backend, 1), measured: "processor time", rows };
await Deno.writeTextFile(RESULTS, JSON.stringify(results, null, 2) + "\n");
