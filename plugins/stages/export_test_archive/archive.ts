import { zipSync } from "fflate";

/** The first date that zip can hold, in the local time that it is written in: the same bytes everywhere, whenever. */
const DATE = new Date(1980, 0, 1);

/**
 * Packs files into a zip archive whose bytes depend on nothing but them.
 *
 * @param files path within the archive → content; kept as it is, for PNG is compressed already
 * @returns the archive, files in order of their paths
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { unzipSync } from "fflate";
 * import { packArchive } from "./archive.ts";
 * const zip = packArchive(new Map([["results/a.png", Uint8Array.of(1, 2)]]));
 * assertEquals(unzipSync(zip), { "results/a.png": Uint8Array.of(1, 2) });
 * ```
 */
export function packArchive(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sorted = [...files].toSorted(([a], [b]) => a < b ? -1 : 1);
  return zipSync(Object.fromEntries(sorted), { level: 0, mtime: DATE });
}
