import type { StoredArtifact } from "../../contracts/artifact.ts";
import { writeAtomic } from "../atomic.ts";
import { hashJson } from "../hash.ts";
import type { ModuleHashes } from "../stage_modules.ts";
import type { FileHashes } from "../stored/files.ts";
import { isJournal, MARKER } from "../stored/names.ts";

/** `stage.json` of a stage's folder. */
export interface Marker {
  /** Hash of everything that affects what the stage computes. */
  readonly fingerprint: string;
  /** What it left, once it finished. */
  readonly artifact?: Omit<StoredArtifact, "folder">;
  /** Names this very execution, once it finished: what reads its result is redone when the stage is. */
  readonly made?: string;
  /** Hashes of its files, once it finished; earlier versions of this project kept none. */
  readonly files?: FileHashes;
  /** Files of the recipe's own plugins that it used. */
  readonly modules?: ModuleHashes;
}

/** The marker of a stage that finished. */
export type FinishedMarker = Marker & Required<Pick<Marker, "artifact" | "made">>;

/** Marker of a folder without a readable one: its files may not be reused. */
export const UNKNOWN: Marker = { fingerprint: "" };

/**
 * Writes a stage's marker, with a hash of its content.
 *
 * @param folder the stage's
 * @param marker to write
 */
export async function writeMarker(folder: string, marker: Marker): Promise<void> {
  const signed = { ...marker, sha256: await hashJson(marker) };
  await writeAtomic(`${folder}/${MARKER}`, JSON.stringify(signed, null, 2) + "\n");
}

/**
 * Reads a stage's marker.
 *
 * @param folder the stage's
 * @returns the marker, of no stage's fingerprint where there are files but no marker that can be read; `undefined` where there is
 *   nothing
 */
export async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    return await parseMarker(await Deno.readTextFile(`${folder}/${MARKER}`)) ?? UNKNOWN;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return await isEmpty(folder) ? undefined : UNKNOWN;
    throw error;
  }
}

/**
 * Parses a marker.
 *
 * @param text of `stage.json`
 * @returns the marker; `undefined` where it is none or was damaged
 */
export async function parseMarker(text: string): Promise<Marker | undefined> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { sha256, ...marker } = parsed as Partial<Marker> & { sha256?: unknown };
  if (typeof marker.fingerprint !== "string") return undefined;
  // Versions that wrote no hash of the marker wrote none of files either.
  const intact = sha256 === undefined
    ? marker.files === undefined
    : sha256 === await hashJson(marker);
  return intact ? marker as Marker : undefined;
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    // A process that was killed while it wrote the marker left no more than that.
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    return names.every((name) => isJournal(name) || name.startsWith(MARKER));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}

/**
 * Tells a finished stage's marker from one of a stage that was begun.
 *
 * @param marker of a stage's folder
 * @returns whether the stage finished
 */
export function isFinished(marker: Marker | undefined): marker is FinishedMarker {
  return marker?.artifact !== undefined && marker.made !== undefined;
}
