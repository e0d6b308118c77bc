import { parseArgs } from "@std/cli";
import type { BenchCase, BenchMachine } from "seamstress/ops";
import { type BackendName, openImplementations } from "../implementations/open.ts";
import { compare } from "../measure/compare.ts";
import type { Load } from "../measure/load.ts";
import { isBenching, registerBench } from "../measure/deno_bench.ts";
import { bufferPeak } from "../measure/memory.ts";
import { print } from "../measure/print.ts";
import { amongEarlier, madeWith, readResult, writeResult } from "../measure/results.ts";
import { type Row, rowOf } from "../measure/row.ts";
import { compute, ready, RECORDED, type Work } from "../measure/sample.ts";
import { hasWebGpu } from "../measure/webgpu.ts";
import { findCases, modulesOf } from "./find.ts";
import { PEAK } from "./peaks.ts";
import { Cases } from "./works.ts";

/** Repeats on a GPU: waiting for it takes a millisecond or two, a kernel less. */
const REPEATS_ON_A_GPU = 20;

/** Timed iterations of `deno bench` at most: the rest of a recorded question's rounds makes its numbers finer. */
const MOST_ITERATIONS = 3;

/** A case, with its own number of rounds where it differs from the question's. */
export type TimedCase = BenchCase & { readonly rounds?: number };

/** Which cases are compared, and how. */
export interface OpsQuestion {
  /** Names the file of the results. */
  readonly name: string;
  readonly backend: BackendName;
  /** Number of measurements per implementation. */
  readonly rounds: number;
  /** Selects cases of the operations; default: all. */
  readonly picks?: (one: BenchCase) => boolean;
  /** Cases before those of the operations. */
  readonly first?: (machine: BenchMachine) => readonly TimedCase[];
  /** Cases after them. */
  readonly last?: (machine: BenchMachine) => readonly TimedCase[];
  /** Rows measured by another program. */
  readonly others?: (args: readonly string[]) => Promise<readonly Row[]>;
  /** Metadata of the results besides the versions. */
  readonly made?: () => object;
}

async function open(
  { backend, picks = () => true, first = () => [], last = () => [] }: OpsQuestion,
  args: readonly string[],
  benching: boolean,
) {
  const { ops, cases } = await findCases(modulesOf(args));
  const machine = await openImplementations(backend, ops);
  const gpu = backend === "webgpu" && !machine.info.software;
  const on: BenchMachine = { backend, gpu, quick: benching && !gpu };
  const picked: readonly TimedCase[] = cases.flatMap((of) => of(on)).filter(picks);
  return { machine, all: [...first(on), ...picked, ...last(on)], held: new Cases(machine), on };
}

/**
 * Registers a question's cases with `deno bench`.
 *
 * @param question which
 */
export async function registerOps(question: OpsQuestion): Promise<void> {
  const { all, held, on } = await open(question, Deno.args, true);
  for (const one of all) {
    const { name, flops, bytes, rounds = question.rounds } = one;
    const repeats = on.gpu ? REPEATS_ON_A_GPU : 1, iterations = Math.min(rounds, MOST_ITERATIONS);
    registerBench({
      ...{ name, implementations: held.works(one), iterations, repeats },
      ...flops !== undefined && { flops },
      ...bytes !== undefined && { bytes },
    });
  }
}

/**
 * Measures a question's cases and writes a results file; each row is written at once, so that results survive a later case that
 * takes too long.
 *
 * @param question which
 * @param args of the command: `--only TEXT` picks by name, `--with FILE` adds cases
 * @param load of the machine
 */
export async function recordOps(
  question: OpsQuestion,
  args: readonly string[],
  load: Load,
): Promise<void> {
  const { only } = parseArgs([...args], { string: ["only"] }) as { only?: string };
  const { machine, all, held } = await open(question, args, false);
  const file = `${question.name}.json`;
  const before = await readResult<{ readonly rows: readonly Row[] }>(file);
  const rows: Row[] = [];
  const write = async (whole: boolean) =>
    await writeResult(file, {
      madeWith: { ...await madeWith(machine.info, load), ...question.made?.() },
      measured: RECORDED,
      rows: whole ? rows : amongEarlier(before?.rows ?? [], rows),
    });
  const add = async (row: Row) => {
    rows.push(row);
    await write(false);
    print(line(row));
  };
  for (const row of await question.others?.(args) ?? []) await add(row);
  for (const one of all) {
    // The baseline of a selected case is measured too.
    const wanted = only === undefined || one.name.includes(only) || one.name.startsWith(PEAK);
    if (!wanted) continue;
    const works = held.works(one), { rounds = question.rounds } = one;
    // The first compiles: where it is the only one it seems so long that a short kernel is not repeated.
    const warmUps = rounds > 1 || machine.info.name === "webgpu" ? 2 : 1;
    const times = await compare(works, { rounds, measured: RECORDED, warmUps });
    await add(rowOf(one.name, one, times, one.memory && await memoryOf(works)));
  }
  held.close();
  if (only === undefined) await write(true);
}

/** Peak bytes of buffers in use, excluding those in use before, by implementation. */
async function memoryOf(works: Readonly<Partial<Record<string, Work>>>) {
  const found: Record<string, number> = {};
  for (const [name, work] of Object.entries(works) as [string, Work][]) {
    await ready(work);
    const peak = await bufferPeak(() => compute(work, 1));
    if (peak === undefined) return undefined;
    found[name] = peak.used - peak.before;
  }
  return found;
}

/** Formats a row: speedup over tfjs and over composed ops with its range over rounds, and the throughput. */
function line({ what, ratio, spread, gflops, gbytes }: Row): string {
  const factor = (name: string) => {
    const value = ratio[name], [low, high] = spread?.[name] ?? [];
    if (value === undefined) return "";
    return low === undefined ? `${value}x` : `${value}x (${low} to ${high})`;
  };
  return `${factor("tfjs").padStart(22)} ${factor("composed").padStart(22)} ${
    String(gflops ?? "").padStart(6)
  } ${String(gbytes ?? "").padStart(5)}  ${what}`;
}

/**
 * Runs a question's file: under `deno bench` it registers the cases; imported by bench/record.ts it records them.
 *
 * @param meta of the file
 * @param question which
 * @returns a function that records the question
 */
export async function opsQuestion(
  meta: ImportMeta,
  question: OpsQuestion,
): Promise<(args: readonly string[], load: Load) => Promise<void>> {
  if (isBenching(meta) && (question.backend !== "webgpu" || await hasWebGpu(question.name))) {
    await registerOps(question);
  }
  return (args, load) => recordOps(question, args, load);
}
