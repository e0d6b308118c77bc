/** The end of every temporary file's name: eight random hexadecimal digits, `.tmp`. */
const TEMPORARY = /\.[0-9a-f]{8}\.tmp$/;

/**
 * Names a temporary file that no other write uses.
 *
 * @param path the file that it will become
 * @returns its path, in the same folder
 */
export function temporaryOf(path: string): string {
  return `${path}.${crypto.getRandomValues(new Uint8Array(4)).toHex()}.tmp`;
}

/**
 * Tells whether a file is a temporary one, left by a killed process.
 *
 * @param name a file's
 * @returns whether {@linkcode temporaryOf} gives such names
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isTemporary } from "./temporary.ts";
 * assertEquals(isTemporary("stage.json.0a1b2c3d.tmp"), true);
 * assertEquals(isTemporary("notes.tmp"), false);
 * ```
 */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}
