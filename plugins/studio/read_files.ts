import { written } from "./written.ts";

/**
 * What was read of files, for as long as none of them is written again: a list of hundreds of runs is looked at every few seconds, and
 * parsing takes a hundred times as long as asking for a file's time. Failures are not kept.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ReadFiles } from "./read_files.ts";
 * const file = await Deno.makeTempFile();
 * const texts = new ReadFiles<string>();
 * let reads = 0;
 * const read = () => texts.get([file], () => (reads++, Deno.readTextFile(file)));
 * assertEquals([await read(), await read(), reads], ["", "", 1]);
 * await Deno.writeTextFile(file, "more");
 * assertEquals([await read(), reads], ["more", 2]);
 * await Deno.remove(file);
 * ```
 */
export class ReadFiles<T> {
  readonly #known = new Map<string, { readonly at: string; readonly value: T }>();

  /**
   * @param files that are read; the first names what is kept
   * @param read reads them
   * @returns what was read, now or earlier
   */
  async get(files: readonly [string, ...string[]], read: () => T | Promise<T>): Promise<T> {
    // Asked for first: what is written while it is read is read again the next time.
    const at = (await Promise.all(files.map(written))).join(" ");
    const kept = this.#known.get(files[0]);
    if (kept?.at === at) return kept.value;
    const value = await read();
    this.#known.set(files[0], { at, value });
    return value;
  }
}
