import type { Artifact } from "../../contracts/stage.ts";

/** `stage.json` of a stage's folder. */
export interface Marker {
  /** Hash of everything that decided what the stage computes. */
  readonly fingerprint: string;
  /** What it left, once it finished. */
  readonly artifact?: Omit<Artifact, "folder">;
  /** Names this very execution, once it finished: what reads its result is redone when the stage is. */
  readonly made?: string;
}

/** The marker of a stage that finished. */
export type FinishedMarker = Required<Marker>;

/** Of a folder that does not say what its files were made of: no stage may go on with them. */
const UNKNOWN: Marker = { fingerprint: "" };

/**
 * Reads what a stage's folder says of itself.
 *
 * @param folder the stage's
 * @returns the marker, of no stage's fingerprint where there are files but no marker that can be read; `undefined` where there is
 *   nothing
 */
export async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    const marker: Partial<Marker> | null = JSON.parse(
      await Deno.readTextFile(`${folder}/stage.json`),
    );
    return typeof marker?.fingerprint === "string" ? marker as Marker : UNKNOWN;
  } catch (error) {
    if (error instanceof SyntaxError) return UNKNOWN;
    if (error instanceof Deno.errors.NotFound) return await isEmpty(folder) ? undefined : UNKNOWN;
    throw error;
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    // A process that was killed while it wrote the marker left no more than that.
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    return names.every((name) => name.startsWith("stage.json"));
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
