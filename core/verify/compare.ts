import type { Quantity } from "../contracts/fixture.ts";
import { mistake } from "../errors.ts";

/** How far a recomputed quantity may be from its reference. */
export type Bound = Pick<Quantity, "criterion" | "tolerance">;

/**
 * Compares recomputed values with a golden file's.
 *
 * @param name the quantity's
 * @param got recomputed
 * @param wanted the reference
 * @param bound which error counts, and how large it may be
 * @returns the errors; where the reference is 0 throughout, relative ones are 0 for equal values and infinity for others
 * @throws {RangeError} where the numbers of values differ
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compare } from "./compare.ts";
 * const bound = { criterion: "maxRelative", tolerance: 0.1 } as const;
 * const { maxRelative, relativeL2 } = compare("cam", [3, 5], [3, 4], bound);
 * assertEquals([maxRelative, relativeL2], [0.25, 0.2]);
 * ```
 */
export function compare(
  name: string,
  got: ArrayLike<number>,
  wanted: ArrayLike<number>,
  bound: Bound,
): Quantity {
  if (got.length !== wanted.length) {
    throw mistake(
      new RangeError(
        `Cannot compare ${name}: ${got.length} values were computed, the file has ${wanted.length}`,
      ),
    );
  }
  let worst = 0, largest = 0, squares = 0, total = 0;
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!);
    // Math.max keeps NaN, which then fails.
    worst = Math.max(worst, difference);
    largest = Math.max(largest, Math.abs(wanted[i]!));
    squares += difference ** 2;
    total += wanted[i]! ** 2;
  }
  const relativeL2 = ratio(Math.sqrt(squares), Math.sqrt(total));
  const maxAbsolute = bound.criterion === "maxAbsolute" ? { maxAbsolute: worst } : {};
  return { name, maxRelative: ratio(worst, largest), relativeL2, ...maxAbsolute, ...bound };
}

function ratio(error: number, size: number): number {
  return error === 0 ? 0 : error / size;
}
