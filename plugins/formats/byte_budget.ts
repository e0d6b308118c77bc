import type { Broken } from "./byte_reader.ts";

/** Bytes that are always allowed: small files may contain large constants, stored once and repeated by a view with stride 0. */
const FREE = 1 << 26;

/** Bytes allowed per byte of the file: float16 doubles in size, and a few views may share their storage. */
const PER_BYTE = 8;

/**
 * Bounds the memory that decoding a file may take: overlapping or repeated arrays could otherwise require any amount.
 *
 * @param fileSize in bytes
 * @param broken creates the error for a file that requires more
 * @returns a function to call with the bytes of each array before it is allocated
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
