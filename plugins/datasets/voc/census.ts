import { readBytes } from "./files.ts";
import { readIndices } from "./mask.ts";

/** Values of masks that were looked at before, by path, size and time of change: several stages read the same ones. */
const known = new Map<string, Uint8Array>();

/**
 * Finds which values a mask holds. Each file is decoded once in a process, for as long as it does not change.
 *
 * @param path absolute
 * @param voc whether the numbers are those of VOC's classes
 * @param limit most pixels, the recipe's `limits.pixels`
 * @returns `[256]`, 1 for a value that a pixel has, else 0; not to be changed
 * @throws {Error} naming the file that is missing, broken or no mask
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
    // Reading it says what is wrong.
    return undefined;
  }
}
