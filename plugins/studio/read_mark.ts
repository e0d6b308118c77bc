import { type Marker, readMarker } from "seamstress";
import { ReadFiles } from "./read_files.ts";

/** What the studio needs of a stage's marker: not the hashes of its files, of which there may be ten thousands. */
export type Mark = Pick<Marker, "artifact" | "made">;

const marks = new ReadFiles<Mark | undefined>();

/** The marker in a stage's folder. */
export const MARK = "stage.json";

/**
 * Reads the marker of a stage.
 *
 * @param folder of the stage
 * @returns what it tells; `undefined` where the stage has not begun
 * @throws {Error} where it cannot be read
 */
export function readMark(folder: string): Promise<Mark | undefined> {
  return marks.get([`${folder}/${MARK}`], async () => {
    const marker = await readMarker(folder);
    if (!marker) return undefined;
    const { artifact, made } = marker;
    return { ...artifact && { artifact }, ...made !== undefined && { made } };
  });
}
