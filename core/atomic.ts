import { messageOf, mistake } from "./errors.ts";

/**
 * Writes a whole file so that readers see the old content or the new one and never a part, whatever kills the process: a
 * temporary file `PATH.tmp` in the same folder is written, flushed to the disk and renamed. What a killed process left of it is
 * overwritten by the next write.
 *
 * @param path the file; its folder exists
 * @param content bytes, or text to be written as UTF-8
 * @throws {Error} naming the file where it cannot be written (a full disk, say); the previous file is intact then
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAtomic } from "./atomic.ts";
 * const path = await Deno.makeTempFile();
 * await writeAtomic(path, "whole");
 * assertEquals(await Deno.readTextFile(path), "whole");
 * await Deno.remove(path);
 * ```
 */
export async function writeAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const temporary = `${path}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
      await writeAll(file, bytes);
      await file.sync();
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    // The first error says what went wrong; where nothing was created there is nothing to remove either.
    await Deno.remove(temporary).catch(() => {});
    throw writeError(error, path, bytes.length);
  }
}

/**
 * Writes all bytes where the file stands; one `write` may take fewer.
 *
 * @param file open for writing
 * @param bytes what to write
 */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/**
 * Says which file could not be written, and why.
 *
 * @param error what the operating system gave
 * @param path the file
 * @param length bytes that were to be written
 * @returns an error that the user can act on
 */
export function writeError(error: unknown, path: string, length: number): Error {
  const full = error instanceof Error && "code" in error && error.code === "ENOSPC";
  const problem = full
    ? `the disk is full (${length} bytes were to be written); free some space and resume the run`
    : messageOf(error);
  return mistake(new Error(`Cannot write ${path}: ${problem}`, { cause: error }));
}
