import { type Manifest, writeAtomic } from "seamstress";
import type { LoadFound } from "../measure/load.ts";
import { ROOT } from "./list.ts";
import type { Source } from "./source.ts";

/** One run of a method. */
export interface MeasuredRun {
  /** Of all its random numbers. */
  readonly seed: number;
  /** Hash of recipe and plugins. */
  readonly source: string;
  /** Part of each training's epochs that was trained. */
  readonly share: number;
  /** In percent: CAMs, with the alpha that is best on the scenes that are scored; the classifier on held-out scenes, where the recipe scores it. */
  readonly scores: { readonly miou: number; readonly alpha: number; readonly map?: number };
  /** mIoU in percent of other stages that score, by stage. */
  readonly others: Readonly<Record<string, number>>;
  /** Wall time of all stages. */
  readonly seconds: number;
  /** Processor time of the process. */
  readonly cpuSeconds: number;
  /** Resident memory at most. */
  readonly peakBytes: number;
  /** Runs that were under way at a time. */
  readonly beside: number;
  /** What other programs took meanwhile. */
  readonly load: LoadFound;
  /** Versions and device. */
  readonly madeWith: Omit<Manifest, "earlier" | "data" | "base" | "seed">;
}

/** A method and its runs. */
export interface MethodResult extends Source {
  /** As its recipe is named. */
  readonly name: string;
  /** Path of the recipe. */
  readonly recipe: string;
  /** By seed. */
  readonly runs: readonly MeasuredRun[];
}

const FILE = `${ROOT}/bench/results/methods.json`;

/** Reads what was measured. @returns empty where nothing was */
export async function readMethods(): Promise<readonly MethodResult[]> {
  try {
    return JSON.parse(await Deno.readTextFile(FILE));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Writes what was measured. */
export async function writeMethods(results: readonly MethodResult[]): Promise<void> {
  await writeAtomic(FILE, JSON.stringify(results, null, 2) + "\n");
}

/**
 * Puts a run among the others.
 *
 * @param results so far
 * @param method whose run
 * @param run replaces that of the same seed; runs of another source go
 * @returns baseline and SEAM first, then by name
 */
export function merge(
  results: readonly MethodResult[],
  { name, recipe, lines, contracts }: Omit<MethodResult, "runs">,
  run: MeasuredRun,
): readonly MethodResult[] {
  const earlier = results.find((result) => result.name === name)?.runs ?? [];
  const kept = earlier.filter(({ seed, source }) => seed !== run.seed && source === run.source);
  const runs = [...kept, run].sort((a, b) => a.seed - b.seed);
  return [
    ...results.filter((result) => result.name !== name),
    { name, recipe, lines, contracts, runs },
  ].sort((a, b) => order(a.name).localeCompare(order(b.name)));
}

/** Baseline and SEAM come first. */
function order(name: string): string {
  return name === "baseline" ? "0" : name === "seam" ? "1" : `2${name}`;
}
