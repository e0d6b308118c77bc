import type { Artifact } from "../contracts/stage.ts";

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

/**
 * Reads what a stage's folder says of itself.
 *
 * @param folder the stage's
 * @returns the marker; `undefined` where there is none, or one that cannot be read
 */
export async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${folder}/stage.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * @param marker of a stage's folder
 * @returns whether the stage finished
 */
export function isFinished(marker: Marker | undefined): marker is FinishedMarker {
  return marker?.artifact !== undefined && marker.made !== undefined;
}
