import { userError } from "seamstress";
import type { Listings } from "./files.ts";

/**
 * @param path absolute
 * @param files lists folders
 * @returns the path with the reason where it cannot be read; empty where the file exists
 */
export async function absent(path: string, files: Listings): Promise<readonly string[]> {
  if (!(await files.has(path))) return [path];
  const broken = await files.broken(path);
  return broken === undefined ? [] : [`${path} (${broken})`];
}

/**
 * Throws where files are missing.
 *
 * @param missing their paths
 * @param split what needs them, for messages
 * @param of how many there should be of what, such as `3 images`
 * @param why where they were looked for, or what lists them
 * @throws {Deno.errors.NotFound} with their number and the first three
 */
export function refuseMissing(
  missing: readonly string[],
  split: string,
  of: string,
  why: string,
): void {
  if (missing.length === 0) return;
  const first = missing.slice(0, 3).join(", ") + (missing.length > 3 ? ", …" : "");
  throw userError(
    new Deno.errors.NotFound(
      `Cannot use ${split}: ${missing.length} of ${of} are missing: ${first}; ${why}`,
    ),
  );
}
