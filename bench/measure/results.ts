import os from "node:os";
import { type BackendInfo, makeManifest, type Manifest } from "seamstress";
import type { Load, LoadFound } from "./load.ts";

/** Versions, device and processor of a measurement, as in a run's manifest, and the machine's other load. */
export type MadeWith = Omit<Manifest, "data" | "seed" | "base"> & {
  readonly processor: string;
  readonly load: LoadFound;
};

/** Folder of the results; bench/gpu.sh takes all of its JSON. */
export const RESULTS = "bench/results";

/** A row of a results file; a later row of the same name replaces it. */
export interface Named {
  readonly what: string;
}

/**
 * Names the versions, the device and the processor behind a measurement; the processor's name takes `--allow-sys=cpus`.
 *
 * @param backend that computed
 * @param load of the machine since the measurement began
 * @param seed of the measurement
 * @returns the metadata of its numbers
 * @throws {RangeError} a user error where other programs took so much that times mean little
 */
export async function madeWith(backend: BackendInfo, load: Load, seed = 1): Promise<MadeWith> {
  const manifest = await makeManifest({ seed, plugins: [] }, backend, "", {});
  const { data: _, seed: __, base: ___, ...versions } = manifest;
  return { ...versions, processor: processorName(), load: load.found() };
}

/** @returns the processor's model, as the operating system names it; takes `--allow-sys=cpus` */
export function processorName(): string {
  return os.cpus()[0]?.model ?? "unknown";
}

/**
 * Merges rows into those of an earlier run; a row replaces an earlier one of the same name.
 *
 * @param earlier rows of the file before
 * @param rows measured now
 * @returns the earlier rows that were not measured again, then these
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { amongEarlier } from "./results.ts";
 * const earlier = [{ what: "a", ms: 1 }, { what: "b", ms: 2 }];
 * assertEquals(amongEarlier(earlier, [{ what: "a", ms: 3 }]), [{ what: "b", ms: 2 }, { what: "a", ms: 3 }]);
 * ```
 */
export function amongEarlier<R extends Named>(earlier: readonly R[], rows: readonly R[]): R[] {
  const kept = earlier.filter(({ what }) => !rows.some((row) => row.what === what));
  return [...kept, ...rows];
}

/**
 * Reads a results file.
 *
 * @param name of the file, such as `step.json`
 * @returns what it holds; undefined where there is none
 */
export async function readResult<T>(name: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${RESULTS}/${name}`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Writes a results file.
 *
 * @param name of the file, such as `step.json`
 * @param content JSON
 */
export async function writeResult(name: string, content: unknown): Promise<void> {
  await Deno.writeTextFile(`${RESULTS}/${name}`, JSON.stringify(content, null, 2) + "\n");
}

/**
 * Writes a file of rows, each with its metadata.
 *
 * @param name of the file
 * @param rows measured now; those of an earlier run stay where there is no new one of the same name
 */
export async function writeRows<R extends Named>(name: string, rows: readonly R[]): Promise<void> {
  await writeResult(name, amongEarlier(await readResult<R[]>(name) ?? [], rows));
}
