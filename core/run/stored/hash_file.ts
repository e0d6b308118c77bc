import { createHash } from "node:crypto";

/** Bytes read at a time: a file of any size takes no more memory. */
const CHUNK = 1 << 20;

/**
 * SHA-256 of the rest of an open file.
 *
 * @param file open for reading; it stands at its end afterwards
 * @returns 64 hex digits
 */
export async function hashOpen(file: Deno.FsFile): Promise<string> {
  const hash = createHash("sha256");
  const chunk = new Uint8Array(CHUNK);
  for (let read; (read = await file.read(chunk)) !== null;) hash.update(chunk.subarray(0, read));
  return hash.digest("hex");
}

/**
 * SHA-256 of a file, without holding it in memory.
 *
 * @param path the file
 * @returns 64 hex digits
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hashFile } from "seamstress";
 * const path = await Deno.makeTempFile();
 * assertEquals((await hashFile(path)).slice(0, 8), "e3b0c442");
 * await Deno.remove(path);
 * ```
 */
export async function hashFile(path: string): Promise<string> {
  using file = await Deno.open(path);
  return await hashOpen(file);
}

/**
 * SHA-256 of bytes, synchronous.
 *
 * @param bytes any
 * @returns 64 hex digits
 */
export function hashNow(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
