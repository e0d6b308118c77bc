import { parseArgs } from "@std/cli";
import * as tf from "@tensorflow/tfjs";
import { userError } from "seamstress";
import type { BackendName } from "../implementations/open.ts";
import { compare, least, type Times } from "../measure/compare.ts";
import type { Load } from "../measure/load.ts";
import { PeakMeter } from "../measure/memory.ts";
import { print, skipped } from "../measure/print.ts";
import { madeWith, writeResult, writeRows } from "../measure/results.ts";
import { RECORDED } from "../measure/sample.ts";
import { COMPARED_STEPS } from "./agreement.ts";
import { encodeProblem } from "./exchange.ts";
import {
  IMPLEMENTATIONS,
  openStep,
  type StepImplementation,
  type StepMachine,
} from "./implementations.ts";
import { type PeerResult, runPeers } from "./peer.ts";
import { makeProblem, type Problem, SEED, type Size } from "./problem.ts";
import { profileStep } from "./profile.ts";
import { ranksOf, shareProblem } from "./ranks.ts";
import { type MeasuredImplementation, stepRow } from "./row.ts";
import { howOf, stepWork } from "./works.ts";

const PYTORCH = "pytorch";
/** The implementation of which several threads share a step. */
const SHARED = "workers";

/** What the command asks for. */
interface Wanted {
  readonly size: Size;
  readonly rounds: number;
  readonly names: readonly string[];
  /** Interpreter of PyTorch; undefined where it is searched. */
  readonly python: string | undefined;
  readonly profile: boolean;
}

function parse(args: readonly string[], { info, present }: StepMachine): Wanted {
  const given = parseArgs([...args], {
    string: ["width", "crop", "batch", "micro", "rounds", "implementations", "python"],
    boolean: ["profile"],
    default: {
      width: "16",
      crop: "96",
      batch: "2",
      rounds: "3",
      implementations: [
        "ours",
        ...present.filter((name) => name === SHARED),
        "recompute",
        "tfjs",
        PYTORCH,
      ]
        .join(),
    },
  });
  const [width, crop, batch, rounds] = ["width", "crop", "batch", "rounds"]
    .map((key) => Number(given[key])) as [number, number, number, number];
  const names = String(given["implementations"]).split(",");
  const valid: readonly string[] = [...present, PYTORCH];
  const unknown = names.filter((name) => !valid.includes(name));
  if (unknown.length > 0) {
    throw userError(
      new RangeError(
        `Cannot measure ${unknown.join(", ")} on ${info.name}: implementations are ${
          valid.join(", ")
        }`,
      ),
    );
  }
  if (!names.some((name) => name !== PYTORCH)) {
    throw userError(new RangeError(`Cannot compare ${PYTORCH} with nothing: name ours, too`));
  }
  return {
    size: { width, crop, batch, micro: Number(given["micro"] ?? batch) },
    ...{
      rounds,
      names,
      python: given["python"] as string | undefined,
      profile: given["profile"] === true,
    },
  };
}

/** Losses and memory of two steps from the start, the second with its memory watched. */
async function begin(
  name: StepImplementation,
  { info, use }: StepMachine,
  problem: Problem,
  meter: PeakMeter,
) {
  use(name);
  await problem.reset();
  const first = await problem.step(0, howOf(name));
  await info.check();
  info.purge();
  const { result, peak } = await meter.measure(() => problem.step(1, howOf(name)));
  await info.check();
  return {
    ...{ name, losses: [first, result], backendBytes: peak.backendBytes },
    peakBytes: peak.gpuBytesInUse ?? peak.tensorBytes,
  };
}

/** What was begun, with its times. */
function measured(
  { name, ...one }: Awaited<ReturnType<typeof begin>>,
  { wall, processor }: Times,
  ranks: number,
): MeasuredImplementation {
  return {
    ...name === SHARED && { device: `${ranks} threads` },
    ...{ name, ...one, arithmetic: name === "f16" ? "f16" : "float32" },
    // Every thread has parameters and tensors of its own.
    peakBytes: one.peakBytes * (name === SHARED ? ranks : 1),
    seconds: least(wall) / 1e3,
    cpuSeconds: least(processor) / 1e3,
  };
}

function peer(
  name: string,
  { threads, ...result }: PeerResult,
  shared: boolean,
): MeasuredImplementation {
  return {
    ...shared && threads > 1 && { against: SHARED },
    ...{ name, ...result, arithmetic: name === "PyTorch TF32" ? "TF32" : "float32" },
    device: `${result.device}, PyTorch ${result.torch}`,
  };
}

/**
 * Compares whole training steps, and writes a row into bench/results/step.json; with `--profile` where the first
 * implementation's time goes into bench/results/profile.json. Writes nothing where losses differ.
 *
 * @param backend that steps are taken on
 * @param args of the command
 * @param load of the machine
 */
export async function recordStep(
  backend: BackendName,
  args: readonly string[],
  load: Load,
): Promise<void> {
  const machine = await openStep(backend), { info } = machine;
  const { size, rounds, names, python, profile } = parse(args, machine);
  const { width, crop, batch, micro } = size;
  const problem = await makeProblem(size);
  const ranks = names.includes(SHARED) ? ranksOf(size, navigator.hardwareConcurrency) : 1;
  if (names.includes(SHARED) && ranks === 1) {
    skipped(`several threads: a batch of ${batch} on ${navigator.hardwareConcurrency} cores`);
  }
  await using shared = ranks > 1 ? await shareProblem(problem, size, info, ranks) : undefined;
  const problemOf = (name: StepImplementation) => name === SHARED && shared || problem;
  const wanted = IMPLEMENTATIONS.filter((name) =>
    names.includes(name) && (name !== SHARED || shared)
  );
  const begun: Awaited<ReturnType<typeof begin>>[] = [];
  {
    using meter = new PeakMeter();
    for (const name of wanted) begun.push(await begin(name, machine, problemOf(name), meter));
  }
  const works = wanted.map((name) => [
    name,
    stepWork(name, machine, () => Promise.resolve(problemOf(name))),
  ]);
  const times: Record<string, Times> = await compare(Object.fromEntries(works), {
    ...{ rounds, measured: RECORDED, warmUps: 0 },
  });
  const own = begun.map((one) => measured(one, times[one.name]!, ranks));
  const what = `ResNet38 width ${width}, ${crop}x${crop}, batch ${batch}${
    micro === batch ? "" : `, micro-batch ${micro}`
  } on ${info.name}`;
  const write = async (peers: readonly MeasuredImplementation[]) => {
    const made = { what, measured: RECORDED, madeWith: await madeWith(info, load, SEED) };
    const row = stepRow([...own, ...peers], size, made);
    print(JSON.stringify(row, null, 1));
    await writeRows("step.json", [row]);
  };
  // Written first without PyTorch, so that the results survive if PyTorch takes too long.
  await write([]);
  if (profile) {
    const first = wanted[0]!;
    machine.use(first);
    await problem.reset();
    const found = await profileStep(what, info, () => problem.step(0, howOf(first)));
    await writeResult("profile.json", { madeWith: await madeWith(info, load, SEED), ...found });
  }
  if (names.includes(PYTORCH)) {
    // PyTorch shares the GPU's memory with what is kept for reuse here.
    info.purge();
    const how = {
      ...python !== undefined && { pythons: [[python]] as const },
      rounds,
      cores: navigator.hardwareConcurrency,
      load,
    };
    const peers = await runPeers(how, () => encodeProblem(problem, size, COMPARED_STEPS));
    await write(
      Object.entries(peers).map(([name, result]) => peer(name, result, shared !== undefined)),
    );
  }
  tf.disposeVariables();
}
