import { type Marker, readMarker } from "seamstress";
import { written } from "./written.ts";

/** What the studio needs of a stage's marker: not the hashes of its files, of which there may be ten thousands. */
export type Mark = Pick<Marker, "artifact" | "made">;

/** By the folder of the stage; a marker that was not written since tells the same. */
const known = new Map<string, { readonly at: string; readonly mark: Mark }>();

/**
 * Reads the marker of a stage: parsing and checking one takes as long as a picture, and pages look every few seconds.
 *
 * @param folder of the stage
 * @returns what it tells; `undefined` where the stage has not begun
 * @throws {Error} where it cannot be read
 */
export async function readMark(folder: string): Promise<Mark | undefined> {
  const at = await written(`${folder}/stage.json`), kept = known.get(folder);
  if (kept?.at === at) return kept.mark;
  const marker = await readMarker(folder);
  if (!marker) return undefined;
  const { artifact, made } = marker;
  const mark: Mark = { ...artifact && { artifact }, ...made !== undefined && { made } };
  if (at !== "none") known.set(folder, { at, mark });
  return mark;
}
