import { messageOf, userError } from "../errors.ts";
import { isTemporary, temporaryOf } from "./stored/temporary.ts";

/**
 * Writes a whole file so that readers see the old content or the new one and never a part, whatever kills the process: a
 * temporary file in the same folder, of a name of its own, is written, flushed to the disk and renamed; then the folder is flushed,
 * without which a crash of the machine could undo the renaming. Of two that write one file at a time, the one that ends last wins,
 * whole.
 *
 * @param path the file; its folder exists
 * @param content bytes, or text to be written as UTF-8
 * @param beforeRenaming told the bytes when they are on the disk and the file is not yet in its place
 * @throws {Error} naming the file where it cannot be written (a full disk, say); the previous file is intact then
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { writeAtomic } from "seamstress";
 * const path = await Deno.makeTempFile();
 * await writeAtomic(path, "whole");
 * assertEquals(await Deno.readTextFile(path), "whole");
 * await Deno.remove(path);
 * ```
 */
export async function writeAtomic(
  path: string,
  content: Uint8Array | string,
  beforeRenaming?: (bytes: Uint8Array) => void,
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const temporary = temporaryOf(path);
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      await writeAll(file, bytes);
      await file.sync();
    }
    beforeRenaming?.(bytes);
    await Deno.rename(temporary, path);
    await syncFolder(path);
  } catch (error) {
    // The first error says what went wrong; where nothing was created there is nothing to remove either.
    await Deno.remove(temporary).catch(() => {});
    throw writeError(error, path, bytes.length);
  }
}

/**
 * Removes temporary files that killed processes left below a folder.
 *
 * @param folder in which nobody writes meanwhile
 */
export async function removeTemporaries(folder: string): Promise<void> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await removeTemporaries(path);
    else if (isFile && isTemporary(name)) await Deno.remove(path);
  }
}

/** Flushes the folder of a file, which holds its name. Windows has no such thing. */
async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const end = path.lastIndexOf("/");
  using folder = await Deno.open(end < 0 ? "." : path.slice(0, end) || "/");
  await folder.sync();
}

/**
 * Writes all bytes at the file's current position; one `write` may take fewer.
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
  return userError(new Error(`Cannot write ${path}: ${problem}`, { cause: error }));
}
