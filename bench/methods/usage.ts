import { writeAtomic } from "seamstress";

/** What a run took, in all processes that worked on it. */
export interface Usage {
  /** Hash of the source that it ran. */
  readonly source: string;
  /** Of all threads, on one core. */
  readonly cpuSeconds: number;
  /** Resident memory at most. */
  readonly peakBytes: number;
}

const NAME = "usage.json";

/**
 * What a run took so far.
 *
 * @param folder of the run
 * @param source of what is to run
 * @returns undefined where there is no run, or one of another source
 */
export async function keptUsage(folder: string, source: string): Promise<Usage | undefined> {
  try {
    const kept: Usage = JSON.parse(await Deno.readTextFile(`${folder}/${NAME}`));
    return kept.source === source ? kept : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Keeps it; not before there is a run folder, which is made when the recipe is checked. */
export async function writeUsage(folder: string, usage: Usage): Promise<void> {
  try {
    await Deno.stat(`${folder}/manifest.json`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  await writeAtomic(`${folder}/${NAME}`, JSON.stringify(usage));
}
