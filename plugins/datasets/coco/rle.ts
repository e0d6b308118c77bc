import { userError } from "seamstress";

/** Characters of compressed counts: 48 and six bits. */
const FIRST = 48, LAST = FIRST + 63;

/** Most characters of a number: seven times five bits hold any count of 32 bits with its sign. */
const CHARACTERS = 7;

function refuse(problem: string): Error {
  return userError(new RangeError(problem));
}

/**
 * Reads compressed counts, as pycocotools writes them: numbers in groups of five bits, the lowest first, each in a character from `0` on
 * whose sixth bit says that more follow; the fifth bit of the last group is the sign. From the fourth number on, the number two places before is to
 * be added.
 *
 * @param text compressed counts
 * @param pixels of the image
 * @returns run lengths, the first of pixels outside
 * @throws {RangeError} where a character is none of these, a length is negative, or they do not make up the image
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeCounts } from "./rle.ts";
 * // pycocotools.mask.encode of a 4x4 mask whose middle 2x2 pixels are 1
 * assertEquals([...decodeCounts("52203", 16)], [5, 2, 2, 2, 5]);
 * ```
 */
export function decodeCounts(text: string, pixels: number): Float64Array {
  const runs: number[] = [];
  for (let i = 0; i < text.length;) {
    let value = 0, factor = 1;
    for (let k = 0;; k++) {
      const code = text.charCodeAt(i);
      if (i >= text.length) throw refuse("its counts end within a number");
      if (k === CHARACTERS || !(code >= FIRST && code <= LAST)) {
        throw refuse(`its counts are broken at character ${i}`);
      }
      i++;
      const group = code - FIRST;
      value += (group & 31) * factor;
      factor *= 32;
      if (group & 32) continue;
      if (group & 16) value -= factor;
      break;
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value);
  }
  return checkRuns(runs, pixels);
}

/**
 * Checks run lengths.
 *
 * @param runs lengths, the first of pixels outside
 * @param pixels of the image
 * @returns them
 * @throws {RangeError} where one is no length, or they do not make up the image
 */
export function checkRuns(runs: readonly unknown[], pixels: number): Float64Array {
  const lengths = new Float64Array(runs.length);
  let sum = 0;
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i];
    if (typeof run !== "number" || !Number.isInteger(run) || run < 0 || run > pixels) {
      const found = typeof run === "number" ? run : `a ${typeof run}`;
      throw refuse(
        `count ${i} is ${found}, expected a number from 0 to ${pixels}, the image's pixels`,
      );
    }
    lengths[i] = run;
    sum += run;
  }
  if (sum !== pixels) {
    throw refuse(`its counts make up ${sum} pixels, the image has ${pixels}`);
  }
  return lengths;
}
