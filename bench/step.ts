/**
 * One whole training step of SEAM on ResNet38, forward, backward and update: this project, with and without `recompute: blocks`; tfjs's
 * own kernels with the least that makes them train this network; and plain PyTorch (bench/peers/seam_step.py) where Python has it, on
 * CUDA where there is a GPU, with TF32 off and then on. All take the same two steps first, from the same weights, images and dropout,
 * and nothing is reported where their losses differ. Writes a row into bench/results/step.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-run=python3 --allow-write=bench/results,/tmp bench/step.ts \
 *     --backend wasm --width 16 --crop 96 --batch 2 [--micro 1] [--rounds 3] [--sides ours,recompute,stock,pytorch]
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "@std/cli";
import * as tf from "@tensorflow/tfjs";
import { mistake } from "../core/errors.ts";
import { PeakMeter } from "./full_size/memory.ts";
import { madeWith } from "./results_file.ts";
import { LOSSES } from "./seam_step.ts";
import { disagreement, TOLERANCE } from "./step/agreement.ts";
import { encodeProblem } from "./step/exchange.ts";
import { findPeer, type PeerResult, runPeer } from "./step/peer.ts";
import { makeProblem, type Problem, SEED } from "./step/problem.ts";
import { type BackendName, openSides, type Side, type Sides } from "./step/sides.ts";
import type { StepRow, Taken } from "./step/row.ts";

const RESULTS = "bench/results/step.json";
/** Steps whose losses are compared: that of the second shows that gradients and update agree too. */
const COMPARED_STEPS = 2;

const digits = (value: number) => Number(value.toPrecision(3));
// deno-lint-ignore no-console -- what this script is for
const print = (text: string) => console.log(text);

/** A side of this process, while it is measured. */
interface Running {
  readonly side: Side;
  readonly losses: readonly (readonly number[])[];
  readonly peakBytes: number;
  readonly backendBytes: number;
  seconds: number;
  cpuSeconds: number;
}

/** Takes the compared steps, the second of them with its memory watched. */
async function begin(side: Side, sides: Sides, problem: Problem, meter: PeakMeter) {
  sides.swapIn(side);
  await problem.reset();
  const first = await problem.step(0, side === "recompute");
  await sides.info.check();
  sides.info.purge();
  const { result, peak } = await meter.measure(() => problem.step(1, side === "recompute"));
  await sides.info.check();
  const running: Running = {
    side,
    losses: [first, result],
    peakBytes: peak.gpuBytesInUse ?? peak.tensorBytes,
    backendBytes: peak.backendBytes,
    seconds: Infinity,
    cpuSeconds: Infinity,
  };
  return running;
}

/** Times one more step; of several the least counts: other programs only ever add to it. */
async function time(running: Running, { swapIn, info }: Sides, problem: Problem): Promise<void> {
  swapIn(running.side);
  await info.check();
  const usage = process.cpuUsage(), began = performance.now();
  await problem.step(0, running.side === "recompute");
  await info.check();
  const { user, system } = process.cpuUsage(usage);
  running.seconds = Math.min(running.seconds, (performance.now() - began) / 1e3);
  running.cpuSeconds = Math.min(running.cpuSeconds, (user + system) / 1e6);
}

/** PyTorch's results by name. */
async function peers(
  python: string,
  rounds: number,
  file: () => Uint8Array,
): Promise<Readonly<Record<string, PeerResult>>> {
  const found = await findPeer(python);
  if ("reason" in found) {
    print(`\n!!! SKIPPED: PyTorch, which ${python} has not: ${found.reason} !!!\n`);
    return {};
  }
  const { device } = found;
  if (device === "cpu") print("\n!!! SKIPPED: PyTorch on CUDA: there is none; on the CPU !!!\n");
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    await Deno.writeFile(path, file());
    const run = (tf32: boolean) => runPeer(path, { python, device, tf32, rounds });
    return {
      "PyTorch float32": await run(false),
      ...device === "cuda" && { "PyTorch TF32": await run(true) },
    };
  } finally {
    await Deno.remove(path);
  }
}

const args = parseArgs(Deno.args, {
  string: ["backend", "width", "crop", "batch", "micro", "rounds", "sides", "python"],
  default: {
    backend: "webgpu",
    width: "16",
    crop: "96",
    batch: "2",
    rounds: "3",
    sides: "ours,recompute,stock,pytorch",
    python: "python3",
  },
});
const [width, crop, batch, rounds] = ["width", "crop", "batch", "rounds"]
  .map((key) => Number(args[key])) as [number, number, number, number];
const size = { width, crop, batch, micro: Number(args["micro"] ?? batch) };
const wanted = String(args["sides"]).split(",");
const sides = await openSides(args["backend"] as BackendName);
const { info } = sides;
const problem = await makeProblem(size);
using meter = new PeakMeter();
const running: Running[] = [];
for (const side of ["ours", "recompute", "stock"] as const) {
  if (wanted.includes(side)) running.push(await begin(side, sides, problem, meter));
}
for (let round = 0; round < rounds; round++) {
  for (const one of running) await time(one, sides, problem);
}
const others = wanted.includes("pytorch")
  ? await peers(
    String(args["python"]),
    rounds,
    () => encodeProblem(problem, size, COMPARED_STEPS),
  )
  : {};

const all = [
  ...running.map(({ side, ...one }) => ({ name: side as string, ...one })),
  ...Object.entries(others).map(([name, one]) => ({ name, ...one })),
];
const reference = all[0]!;
const apart = all.slice(1).map(({ name, losses }) => ({
  name,
  ...disagreement(reference.losses, losses, name === "PyTorch TF32"),
}));
const wrong = apart.filter(({ agrees }) => !agrees);
if (wrong.length > 0) {
  const table = all.map(({ name, losses }) => `${name}: ${JSON.stringify(losses)}`).join("\n");
  throw mistake(
    new RangeError(
      `Cannot report times: the losses ${LOSSES.join(", ")} of ${
        wrong.map(({ name }) => name).join(" and ")
      } differ from those of ${reference.name} by more than ${TOLERANCE}\n${table}`,
    ),
  );
}

/** On what computes on the CPU, other programs' time must not count. */
const byProcessor = info.name !== "webgpu" || info.software;
const seconds = (one: { readonly seconds: number; readonly cpuSeconds: number }) =>
  byProcessor ? one.cpuSeconds : one.seconds;
const taken = Object.fromEntries(all.map((one): [string, Taken] => [one.name, {
  seconds: digits(one.seconds),
  cpuSeconds: digits(one.cpuSeconds),
  imagesPerSecond: digits(batch / seconds(one)),
  peakBytes: one.peakBytes,
  ..."backendBytes" in one && { backendBytes: one.backendBytes },
  ..."torch" in one && { device: `${one.device}, PyTorch ${one.torch}` },
}]));
const row: StepRow = {
  what: `ResNet38 width ${width}, ${crop}x${crop}, batch ${batch}${
    size.micro === batch ? "" : `, micro-batch ${size.micro}`
  } on ${info.name}`,
  ...size,
  measured: byProcessor ? "processor time" : "time by the clock",
  sides: taken,
  ratio: Object.fromEntries(
    all.slice(1).map((one) => [one.name, digits(seconds(one) / seconds(reference))]),
  ),
  memoryRatio: Object.fromEntries(
    all.slice(1).map((one) => [one.name, digits(reference.peakBytes / one.peakBytes)]),
  ),
  losses: Object.fromEntries(LOSSES.map((name, k) => [name, reference.losses[0]![k]!])),
  largestDifference: Object.fromEntries(apart.map(({ name, largest }) => [name, digits(largest)])),
  madeWith: await madeWith(info, SEED),
};
print(JSON.stringify(row, null, 1));
const earlier: StepRow[] = JSON.parse(await Deno.readTextFile(RESULTS).catch(() => "[]"));
const rows = [...earlier.filter(({ what }) => what !== row.what), row];
await Deno.writeTextFile(RESULTS, JSON.stringify(rows, null, 2) + "\n");
tf.disposeVariables();
