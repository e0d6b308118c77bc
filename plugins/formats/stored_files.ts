import { messageOf, userError } from "../../core/errors.ts";
import { noSuchFile } from "../../core/formats/no_such_file.ts";
import { type Marker, parseMarker } from "../../core/run/stages/marker.ts";
import { hashNow, hashOpen } from "../../core/run/stored/hash_file.ts";
import { MARKER } from "../../core/run/stored/names.ts";

/** Folders above a file in which a stage's list of files is looked for. */
const LEVELS = 4;

/** What a finished stage says of a file in its folder. */
interface Listed {
  /** The stage's id. */
  readonly stage: string;
  /** Absent where the stage did not leave such a file. */
  readonly sha256?: string;
}

/** Markers by path, as long as their files stay the same. */
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
    // Most files lie in no stage's folder; and what cannot be seen from here cannot be asked.
    return undefined;
  }
}

/** What the finished stage whose folder holds a path says of it; `undefined` where there is none, or it kept no hashes. */
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
 * Says why a file cannot be read.
 *
 * @param verb such as `read CAMs from`
 * @param path the file
 * @param error what the operating system gave
 * @returns an error that names the file and, where a finished stage left it, that stage
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
 * Says what to do where a file is missing.
 *
 * @param path the file
 * @returns the tail of a message; empty where no finished stage left the file
 */
export async function missingAdvice(path: string): Promise<string> {
  const listed = await findListed(path);
  if (listed?.sha256 === undefined) return "";
  return ` any more, which stage ${listed.stage} left; ${again(listed.stage)}`;
}

/**
 * Reads a file. Where it lies in the folder of a finished stage, it must be what the stage wrote.
 *
 * @param path the file
 * @param verb for messages, such as `read CAMs from`
 * @returns its bytes
 * @throws {Deno.errors.NotFound} naming the file where it is missing
 * @throws {Error} naming the file and the stage to do again where it was changed
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
 * The same check for a file that is read in parts.
 *
 * @param file open, at its beginning, where it stands afterwards too
 * @param path the file's
 * @throws {Error} naming the file and the stage to do again where it was changed
 */
export async function checkStored(file: Deno.FsFile, path: string): Promise<void> {
  const listed = await findListed(path);
  if (!listed) return;
  refuseChanged("read", path, listed, await hashOpen(file));
  await file.seek(0, Deno.SeekMode.Start);
}
