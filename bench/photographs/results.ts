import { type Manifest, writeAtomic } from "seamstress";
import type { RunScores } from "../measure/run_scores.ts";
import { ROOT } from "../methods/list.ts";

/** A loss over a training: means of consecutive steps. */
export interface Curve {
  /** The stage that trained. */
  readonly stage: string;
  /** Last step of each mean and the mean. */
  readonly points: readonly (readonly [step: number, loss: number])[];
}

/** One run of a recipe on photographs. */
export interface PhotographRun extends RunScores {
  /** IoU in percent by class of every stage that scores, the mean left out. */
  readonly classes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly curves: readonly Curve[];
  /** Bytes of the run folder. */
  readonly bytes: number;
  /** Resident memory at most, in bytes, as the log has it. */
  readonly peakBytes: number;
  /** Versions and device; of a run that was resumed, those of its last part. */
  readonly madeWith: Omit<Manifest, "earlier" | "data" | "base" | "seed">;
}

/** The same steps of a training in float32 and in float16. */
export interface Halves {
  /** Processor, and what else ran meanwhile. */
  readonly machine: string;
  /** The float32 run's. */
  readonly madeWith: PhotographRun["madeWith"];
  readonly curves: readonly { readonly name: string; readonly points: Curve["points"] }[];
}

/** Seconds of every stage of a run on few photographs, on one thread and in a group. */
export interface Times {
  /** Processor, and what else ran meanwhile. */
  readonly machine: string;
  /** The group's. */
  readonly madeWith: PhotographRun["madeWith"];
  /** By stage, in the order that they ran in. */
  readonly seconds: readonly (readonly [stage: string, single: number, group: number])[];
}

/** bench/results/voc_animals_full.json. */
export interface PhotographResults {
  /** Processor, memory, and what else ran meanwhile. */
  readonly machine: string;
  readonly runs: readonly PhotographRun[];
  readonly halves?: Halves;
  readonly times?: Times;
}

/** Where results are kept. */
export const RESULTS: string = `${ROOT}/bench/results/voc_animals_full.json`;
/** The page, in which other people write the rest. */
export const PAGE: string = `${ROOT}/docs/photographs.md`;
/** The curves that the page shows. */
export const CURVES: string = `${ROOT}/docs/photographs.svg`;

/** Reads what was gathered. */
export async function readResults(): Promise<PhotographResults> {
  return JSON.parse(await Deno.readTextFile(RESULTS));
}

/** Writes what was gathered. */
export async function writeResults(results: PhotographResults): Promise<void> {
  await writeAtomic(RESULTS, JSON.stringify(results, null, 2) + "\n");
}
