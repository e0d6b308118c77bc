import { readCamDict, writeCamDict } from "../cams/cam_dict.ts";
import { camFile, readCamFile, type Store, STORES, writeCams } from "../cams/cam_store.ts";
import type { WriteFile } from "../../../core/contracts/write_file.ts";
import { userError } from "../../../core/errors.ts";
import { type ClassScores, mapsOfScores, scoresOfMaps } from "./class_scores.ts";

/** How scores are stored: as CAMs are, or in the files of the SEAM authors' `infer_SEAM.py --out_crf`. */
export const SCORE_STORES = [...STORES, "npy"] as const;

/** One of {@linkcode SCORE_STORES}. */
export type ScoreStore = Store | "npy";

function npyFile(folder: string, name: string): string {
  return `${folder}/${name}.npy`;
}

/**
 * Writes an image's scores, whole or not at all.
 *
 * @param folder of them; exists
 * @param name the image's
 * @param scores background among them
 * @param write writes the file: a stage's `context.write`, or `writeAtomic` elsewhere
 * @param store in which form
 * @throws {Error} naming the file where it cannot be written
 */
export async function writeScores(
  folder: string,
  name: string,
  scores: ClassScores,
  write: WriteFile,
  store: ScoreStore = "float16",
): Promise<void> {
  const maps = mapsOfScores(scores);
  if (store === "npy") await writeCamDict(npyFile(folder, name), maps, write);
  else await writeCams(folder, name, { cams: maps }, write, store);
}

/**
 * Finds the files of a folder of scores, whichever way each is stored.
 *
 * @param folder of them
 * @returns an image's name → its file; whether there is one shows when it is read
 */
export function scoreFilesIn(folder: string): (name: string) => string {
  let npy: Set<string> | undefined;
  return (name) => {
    npy ??= npyFilesIn(folder);
    const file = npyFile(folder, name);
    return npy.has(file) ? file : camFile(folder, name);
  };
}

function npyFilesIn(folder: string): Set<string> {
  try {
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`);
    return new Set(names.filter((path) => path.endsWith(".npy")));
  } catch {
    // Whoever reads a file of it says what is wrong.
    return new Set();
  }
}

/**
 * Reads an image's scores.
 *
 * @param path of the file
 * @param name the image's, for messages
 * @param classes how many there are, with the background; each number in the file is below it
 * @returns the scores
 * @throws {Deno.errors.NotFound} naming the file where there is none
 * @throws {SyntaxError} naming the file where it is damaged
 * @throws {RangeError} naming the file where it has a class that there is not
 */
export async function readScores(
  path: string,
  name: string,
  classes: number,
): Promise<ClassScores> {
  if (path.endsWith(".npy")) return scoresOfMaps(await readCamDict(path, { classes }), 0, name);
  const { cams } = await readCamFile(path);
  if (!cams) throw userError(new SyntaxError(`Cannot read scores from ${path}: it holds no maps`));
  const beyond = [...cams.maps.keys()].find((number) => number >= classes);
  if (beyond === undefined) return scoresOfMaps(cams, 0, name);
  throw userError(
    new RangeError(
      `Cannot read scores from ${path}: it has a map of class ${beyond}, valid are integers from 0 to ${
        classes - 1
      }`,
    ),
  );
}
