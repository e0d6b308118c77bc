import type { Broken } from "./byte_reader.ts";

/** Always allowed: small files may hold large constants, each stored once and repeated by a view. */
const FREE = 1 << 26;

/** Allowed for each byte of the file: float16 doubles, a few views may share what they show. */
const PER_BYTE = 8;

/**
 * Bounds what may be made of a file: arrays that overlap or repeat themselves could otherwise ask for any amount of memory.
 *
 * @param fileSize in bytes
 * @param broken makes the error of a file that asks for more
 * @returns called with the bytes of each array before it is made
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { byteBudget } from "seamstress";
 * const spend = byteBudget(1000, (problem) => new SyntaxError(problem));
 * spend(1 << 20);
 * assertThrows(() => spend(1 << 30), SyntaxError, "1000 bytes");
 * ```
 */
export function byteBudget(fileSize: number, broken: Broken): (bytes: number) => void {
  const limit = FREE + PER_BYTE * fileSize;
  let spent = 0;
  return (bytes) => {
    spent += bytes;
    if (!(spent <= limit)) {
      throw broken(
        `its arrays need ${spent} bytes or more, although the file has but ${fileSize} bytes`,
      );
    }
  };
}
