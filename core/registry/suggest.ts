/**
 * Damerau-Levenshtein distance, optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
 */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(substitution, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * Finds the candidate that a mistyped name most likely meant, ignoring case.
 *
 * @param name what was written
 * @param candidates what would be valid
 * @returns the nearest candidate, the first of equals; `undefined` where none is within a third of the name's length
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nearest } from "./suggest.ts";
 * assertEquals(nearest("momentun", ["lr", "momentum"]), "momentum");
 * assertEquals(nearest("banana", ["lr", "momentum"]), undefined);
 * ```
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const d = distance(wanted, candidate.toLowerCase());
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/**
 * The end of an error message about an unknown name.
 *
 * @param name what was written
 * @param candidates what would be valid
 * @returns ` (did you mean "x"?)` with a leading space, or nothing where no candidate is near
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { didYouMean } from "seamstress";
 * assertEquals(didYouMean("sdg", ["sgd", "adam"]), ' (did you mean "sgd"?)');
 * assertEquals(didYouMean("lion", ["sgd", "adam"]), "");
 * ```
 */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === undefined ? "" : ` (did you mean "${found}"?)`;
}
