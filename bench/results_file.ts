import os from "node:os";
import type { BackendInfo } from "../core/contracts/backend.ts";
import { makeManifest, type Manifest } from "../core/run/manifest.ts";
import type { Recipe } from "../core/recipe/schema.ts";

/** What a measurement was made with, of a run's manifest. */
export type Versions = Omit<Manifest, "data" | "seed" | "base">;

/**
 * Names the versions and the device behind a measurement.
 *
 * @param backend that computed
 * @param seed of the measurement
 * @returns what stands beside its numbers
 */
export async function versionsOf(backend: BackendInfo, seed: number): Promise<Versions> {
  // Of a recipe the manifest repeats only the seed.
  const manifest = await makeManifest({ seed } as unknown as Recipe, backend, "", {});
  const { data: _, seed: __, base: ___, ...versions } = manifest;
  return versions;
}

/**
 * The same with the processor's name, which takes `--allow-sys=cpus`.
 *
 * @param backend that computed
 * @param seed of the measurement
 * @returns what stands beside its numbers
 */
export async function madeWith(
  backend: BackendInfo,
  seed: number,
): Promise<Versions & { readonly processor: string }> {
  return { ...await versionsOf(backend, seed), processor: os.cpus()[0]?.model ?? "unknown" };
}

/**
 * Puts rows among those of an earlier run, in the place of earlier ones of the same name.
 *
 * @param path of a results file with `rows`, which may be missing
 * @param rows measured now
 * @returns the earlier rows that were not measured again, then these
 */
export async function amongEarlier<R extends { readonly what: string }>(
  path: string,
  rows: readonly R[],
): Promise<readonly R[]> {
  const earlier: { rows?: R[] } = JSON.parse(await Deno.readTextFile(path).catch(() => "{}"));
  const kept = (earlier.rows ?? []).filter(({ what }) => !rows.some((row) => row.what === what));
  return [...kept, ...rows];
}
