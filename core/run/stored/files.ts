import { isRunsOwn } from "./names.ts";
import { isTemporary } from "./temporary.ts";

/** Path within a stage's folder → SHA-256, 64 hex digits. */
export type FileHashes = Readonly<Record<string, string>>;

/** The deepest nesting of folders that is listed: links may lead in circles. */
const DEPTH = 16;

/**
 * Lists the files that a stage wrote.
 *
 * @param folder the stage's
 * @returns relative paths of all files but those that run folders keep of a stage themselves, sorted
 */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const look = async (prefix: string, depth: number): Promise<void> => {
    for await (const entry of Deno.readDir(`${folder}/${prefix}`)) {
      const path = `${prefix}${entry.name}`;
      const { isDirectory, isFile } = entry.isSymlink
        ? await Deno.stat(`${folder}/${path}`)
        : entry;
      if (isDirectory && depth < DEPTH) await look(`${path}/`, depth + 1);
      else if (isFile && !isRunsOwn(path) && !isTemporary(entry.name)) found.push(path);
    }
  };
  await look("", 0);
  return found.sort();
}
