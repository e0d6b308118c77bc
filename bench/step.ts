/**
 * One whole training step of SEAM on ResNet38, forward, backward and update: this project, with and without `recompute: blocks`, on
 * webgpu with `precision: f16`; tfjs's own kernels with the least that makes them train this network; and plain PyTorch
 * (bench/peers/seam_step.py) where Python has it, on CUDA where there is a GPU, with TF32 off and then on. All take the same two steps
 * first, from the same weights, images and dropout, and nothing is reported where their losses differ. Writes a row into
 * bench/results/step.json, and with `--profile` where the first side's time goes into bench/results/profile.json.
 *
 *   deno run --allow-read --allow-env --allow-sys=cpus --allow-run=python3 --allow-write=bench/results,/tmp bench/step.ts \
 *     --backend wasm --width 16 --crop 96 --batch 2 [--micro 1] [--rounds 3] [--sides ours,recompute,f16,stock,pytorch] [--profile]
 *
 * @module
 */
import { parseArgs } from "@std/cli";
import * as tf from "@tensorflow/tfjs";
import { userError } from "../core/errors.ts";
import { PeakMeter } from "./full_size/memory.ts";
import { madeWith } from "./results_file.ts";
import { encodeProblem } from "./step/exchange.ts";
import { begin, type Running, time } from "./step/measure.ts";
import { type PeerResult, runPeers } from "./step/peer.ts";
import { makeProblem, SEED } from "./step/problem.ts";
import { profileStep } from "./step/profile.ts";
import { type MeasuredSide, type StepRow, stepRow } from "./step/row.ts";
import { type BackendName, openSides, SIDES } from "./step/sides.ts";

const RESULTS = "bench/results/step.json", PROFILE = "bench/results/profile.json";
/** Steps whose losses are compared: that of the second shows that gradients and update agree too. */
const COMPARED_STEPS = 2;
const PYTORCH = "pytorch";

// deno-lint-ignore no-console -- what this script is for
const print = (text: string) => console.log(text);

const args = parseArgs(Deno.args, {
  string: ["backend", "width", "crop", "batch", "micro", "rounds", "sides", "python"],
  boolean: ["profile"],
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
const valid: readonly string[] = [...sides.present, PYTORCH];
const unknown = wanted.filter((side) => !valid.includes(side));
if (unknown.length > 0) {
  throw userError(
    new RangeError(`Cannot measure ${unknown.join(", ")} on ${info.name}: sides are ${valid}`),
  );
}
const problem = await makeProblem(size);
using meter = new PeakMeter();
const running: Running[] = [];
for (const side of SIDES.filter((side) => wanted.includes(side))) {
  running.push(await begin(side, sides, problem, meter));
}
for (let round = 0; round < rounds; round++) {
  for (const one of running) {
    await time(one, sides, problem);
    print(`${one.side}: ${one.seconds.toFixed(3)} s, ${one.cpuSeconds.toFixed(3)} s of CPU`);
  }
}

const what = `ResNet38 width ${width}, ${crop}x${crop}, batch ${batch}${
  size.micro === batch ? "" : `, micro-batch ${size.micro}`
} on ${info.name}`;
const versions = await madeWith(info, SEED);
await write({});
if (args["profile"] === true) {
  const [{ side }] = running as [Running];
  sides.swapIn(side);
  const profile = await profileStep(what, info, () => problem.step(0, side === "recompute"));
  await Deno.writeTextFile(
    PROFILE,
    JSON.stringify({ madeWith: versions, ...profile }, null, 2) + "\n",
  );
}
if (wanted.includes(PYTORCH)) {
  // PyTorch shares the GPU's memory with what is kept for reuse here.
  info.purge();
  const encode = () => encodeProblem(problem, size, COMPARED_STEPS);
  await write(await runPeers(String(args["python"]), rounds, encode));
}
tf.disposeVariables();

/** Puts the row into the results: first without PyTorch, so that what was measured outlives a PyTorch that takes too long. */
async function write(peers: Readonly<Partial<Record<string, PeerResult>>>): Promise<void> {
  const all = [
    ...running.map(({ side, ...one }): MeasuredSide => ({
      name: side,
      arithmetic: side === "f16" ? "f16" : "float32",
      ...one,
    })),
    ...Object.entries(peers).map(([name, one]): MeasuredSide => ({
      name,
      arithmetic: name === "PyTorch TF32" ? "TF32" : "float32",
      ...one!,
      device: `${one!.device}, PyTorch ${one!.torch}`,
    })),
  ];
  const row = stepRow(all, size, {
    what,
    // On what computes on the CPU, other programs' time must not count.
    measured: info.name !== "webgpu" || info.software ? "processor time" : "time by the clock",
    madeWith: versions,
  });
  print(JSON.stringify(row, null, 1));
  const earlier: StepRow[] = JSON.parse(await Deno.readTextFile(RESULTS).catch(() => "[]"));
  const rows = [...earlier.filter((one) => one.what !== what), row];
  await Deno.writeTextFile(RESULTS, JSON.stringify(rows, null, 2) + "\n");
}
