import { userError } from "seamstress";

/** A split, or a part of one. */
export interface SplitPart {
  /** The whole split. */
  readonly whole: string;
  /**
   * The part of the whole split's images.
   *
   * @param all in the order of the split
   * @returns the same where the whole is meant
   * @throws {RangeError} where the part is empty or reaches beyond the end
   */
  of<T>(all: readonly T[]): readonly T[];
}

/**
 * Reads the name of a split that may be a part of one, counted from 0 with its end left out as in Python: `train[0:200]`, `val[:50]`,
 * `all[200:]`.
 *
 * @param split as a recipe names it
 * @returns the whole split, and what takes the part
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitPart } from "./split_part.ts";
 * const { whole, of } = splitPart("val[1:3]");
 * assertEquals([whole, of(["a", "b", "c", "d"])], ["val", ["b", "c"]]);
 * assertEquals(splitPart("val").of(["a"]), ["a"]);
 * ```
 */
export function splitPart(split: string): SplitPart {
  const [, whole, from, to] = /^(.+)\[(\d*):(\d*)\]$/.exec(split) ?? [];
  if (whole === undefined) return { whole: split, of: (all) => all };
  return {
    whole,
    of(all) {
      const first = Number(from), end = to ? Number(to) : all.length;
      if (first < end && end <= all.length) return all.slice(first, end);
      throw userError(
        new RangeError(
          `Cannot open split ${split}: the part must hold something within 0:${all.length}`,
        ),
      );
    },
  };
}
