import type { Dataset } from "../../core/contracts/dataset.ts";
import { messageOf, userError } from "../../core/errors.ts";
import { hashJson } from "../../core/run/hash.ts";
import { brokenLink } from "./no_such_file.ts";
import { missingAdvice } from "./stored_files.ts";

/** Number of concurrent file accesses. */
const AT_ONCE = 64;

/** Maximum number of missing files that a message names. */
const NAMED = 3;

/**
 * Checks, before any work, that a folder from outside the run has a file for every image.
 *
 * @param what names the files, such as `masks`
 * @param folder absolute
 * @param dataset whose images need them
 * @param fileOf an image's name → the file's path
 * @returns a hash of their names, sizes and modification times, so that a stage runs again when they change
 * @throws {Deno.errors.NotFound} with the number of files that are missing and the first of them
 */
export async function checkFiles(
  what: string,
  folder: string,
  dataset: Dataset,
  fileOf: (name: string) => string,
): Promise<string> {
  const paths = Array.from({ length: dataset.length }, (_, i) => fileOf(dataset.name(i)));
  const states: unknown[] = [];
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    states.push(...await Promise.all(paths.slice(at, at + AT_ONCE).map((path) => stateOf(path))));
  }
  const missing = paths.filter((_, i) => states[i] === undefined);
  if (missing.length > 0) {
    const advice = await missingAdvice(missing[0]!);
    const named = missing.slice(0, NAMED).map(explained).join(", ") +
      (missing.length > NAMED ? ", …" : "");
    throw userError(
      new Deno.errors.NotFound(
        `Cannot use the ${what} in ${folder}: ${missing.length} of ${paths.length} are missing: ${named}${advice}`,
      ),
    );
  }
  return await hashJson(states);
}

/** A missing file's path; with its target where it is a broken symbolic link. */
function explained(path: string): string {
  const broken = brokenLink(path);
  return broken === undefined ? path : `${path} (${broken})`;
}

async function stateOf(path: string): Promise<unknown> {
  try {
    const { size, mtime, isFile } = await Deno.stat(path);
    return isFile ? [path, size, mtime?.getTime()] : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw userError(new Error(`Cannot read ${path}: ${messageOf(error)}`, { cause: error }));
  }
}
