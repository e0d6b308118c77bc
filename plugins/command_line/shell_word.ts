/**
 * Quotes a word for a POSIX shell where it needs that.
 *
 * @param text a word of a command
 * @returns what the shell reads back as that word
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shellWord } from "./shell_word.ts";
 * assertEquals(["/data/runs", "/big disk"].map(shellWord), ["/data/runs", "'/big disk'"]);
 * ```
 */
export function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
