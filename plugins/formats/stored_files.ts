import { messageOf, userError } from "../../core/errors.ts";
import { noSuchFile } from "./no_such_file.ts";
import { type Marker, parseMarker } from "../../core/run/stages/marker.ts";
import { hashNow, hashOpen } from "../../core/run/stored/hash_file.ts";
import { MARKER } from "../../core/run/stored/names.ts";

/** Number of parent folders that are searched for a stage's list of files. */
const LEVELS = 4;

/** What a finished stage recorded about a file in its folder. */
interface Listed {
  /** The stage's id. */
  readonly stage: string;
  /** Absent where the stage did not write such a file. */
  readonly sha256?: string;
}

/** Cached stage markers by path, valid while their files do not change. */
const seen = new Map<string, { readonly state: string; readonly marker: Marker | undefined }>();

async function markerOf(folder: string): Promise<Marker | undefined> {
  const path = `${folder}/${MARKER}`;
  try {
    const { ino, mtime, size } = await Deno.stat(path);
    const state = `${ino} ${mtime?.getTime()} ${size}`;
    const known = seen.get(path);
    if (known?.state === state) return known.marker;
    const marker = await parseMarker(await Deno.readTextFile(path));
    seen.set(path, { state, marker });
    return marker;
  } catch {
    // Most files are in no stage's folder; a folder that cannot be read is treated likewise.
    return undefined;
  }
}

/**
 * What the finished stage recorded about a path in its folder; `undefined` where there is no such stage, or it recorded no
 * hashes.
 */
async function findListed(path: string): Promise<Listed | undefined> {
  const parts = path.split("/");
  for (let above = 1; above <= LEVELS && above < parts.length; above++) {
    const folder = parts.slice(0, -above).join("/");
    const marker = await markerOf(folder);
    if (!marker) continue;
    if (!marker.files) return undefined;
    const name = parts.slice(-above).join("/");
    const stage = parts.at(-above - 1)!.replace(/\.superseded-\d+$/, "");
    return {
      stage,
      ...Object.hasOwn(marker.files, name) && { sha256: marker.files[name]! },
    };
  }
  return undefined;
}

function again(stage: string): string {
  return `make it again with --from ${stage}`;
}

function refuseChanged(verb: string, path: string, { stage, sha256 }: Listed, found: string): void {
  if (sha256 === found) return;
  const what = sha256 === undefined
    ? `stage ${stage}, in whose folder it is, did not write it; remove it, or ${again(stage)}`
    : `it was changed since stage ${stage} wrote it; ${
      again(stage)
    }, or use a copy elsewhere where the change is meant`;
  throw userError(new Error(`Cannot ${verb} ${path}: ${what}`));
}

/**
 * Creates the error for a file that cannot be read.
 *
 * @param verb such as `read CAMs from`
 * @param path the file
 * @param error from the operating system
 * @returns an error that names the file and, where a finished stage wrote it, that stage
 */
export async function readError(verb: string, path: string, error: unknown): Promise<Error> {
  if (!(error instanceof Deno.errors.NotFound)) {
    return userError(new Error(`Cannot ${verb} ${path}: ${messageOf(error)}`, { cause: error }));
  }
  return userError(
    new Deno.errors.NotFound(
      `Cannot ${verb} ${path}: ${noSuchFile(path)}${await missingAdvice(path)}`,
    ),
  );
}

/**
 * Returns advice for a missing file.
 *
 * @param path the file
 * @returns the end of a message; empty where no finished stage wrote the file
 */
export async function missingAdvice(path: string): Promise<string> {
  const listed = await findListed(path);
  if (listed?.sha256 === undefined) return "";
  return ` any more, which stage ${listed.stage} left; ${again(listed.stage)}`;
}

/**
 * Reads a file. Where it is in the folder of a finished stage, it must be unchanged since the stage wrote it.
 *
 * @param path the file
 * @param verb for messages, such as `read CAMs from`
 * @returns its bytes
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 * @throws {Error} naming the file and the stage to run again where it was changed
 */
export async function readStored(path: string, verb = "read"): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw await readError(verb, path, error);
  }
  const listed = await findListed(path);
  if (listed) refuseChanged(verb, path, listed, hashNow(bytes));
  return bytes;
}

/**
 * Checks a file that is read in parts, as {@linkcode readStored} does.
 *
 * @param file open and positioned at its start, also afterwards
 * @param path the file's
 * @throws {Error} naming the file and the stage to run again where it was changed
 */
export async function checkStored(file: Deno.FsFile, path: string): Promise<void> {
  const listed = await findListed(path);
  if (!listed) return;
  refuseChanged("read", path, listed, await hashOpen(file));
  await file.seek(0, Deno.SeekMode.Start);
}
