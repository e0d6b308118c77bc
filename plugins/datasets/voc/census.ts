import { readBytes } from "./files.ts";
import { readIndices } from "./mask.ts";

/** Cache of mask values by path, size and modification time, because several stages read the same masks. */
const known = new Map<string, Uint8Array>();

/**
 * Finds the distinct values of a mask. Each file is decoded once per process, unless it changes.
 *
 * @param path absolute
 * @param voc whether the mask uses VOC's class indices
 * @param limit maximum number of pixels, the recipe's `limits.pixels`
 * @returns `[256]`, 1 for each value that occurs, else 0; must not be modified
 * @throws {Error} naming the file that is missing, broken or not a mask
 */
export async function maskValues(
  path: string,
  voc: boolean,
  limit?: number,
): Promise<Uint8Array> {
  const key = await keyOf(path, voc, limit);
  const before = key && known.get(key);
  if (before) return before;
  const { data } = readIndices(await readBytes(path), path, voc, limit);
  const values = new Uint8Array(256);
  for (let i = 0; i < data.length; i++) values[data[i]!] = 1;
  if (key) known.set(key, values);
  return values;
}

async function keyOf(
  path: string,
  voc: boolean,
  limit: number | undefined,
): Promise<string | undefined> {
  try {
    const { size, mtime } = await Deno.stat(path);
    return JSON.stringify([path, size, mtime?.getTime(), voc, limit]);
  } catch {
    // Reading the file below reports the error.
    return undefined;
  }
}
