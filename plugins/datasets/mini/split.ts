import { userError } from "seamstress";

/** Picture indices of each split: first (inclusive) and end (exclusive). */
const SPLITS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["train", [0, 600]],
  ["val", [600, 800]],
]);

/** A range of pictures. */
export interface Range {
  readonly first: number;
  readonly length: number;
}

/**
 * Reads the name of a split: `train` (600 pictures), `val` (200 others), or a part of one, counted from 0 with its end left out as
 * in Python: `train[0:200]`, `val[:50]`, `train[200:]`.
 *
 * @param split the name
 * @returns the range of pictures, at least one
 * @throws {RangeError} where there is no such split, or the part is empty
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSplit } from "./split.ts";
 * assertEquals(parseSplit("val"), { first: 600, length: 200 });
 * assertEquals(parseSplit("val[50:]"), { first: 650, length: 150 });
 * ```
 */
export function parseSplit(split: string): Range {
  const [, name, slice, from, to] = /^(\w+)(\[(\d*):(\d*)\])?$/.exec(split) ?? [];
  const range = SPLITS.get(name ?? "");
  if (!range) {
    const names = [...SPLITS].map(([name, [first, end]]) => `${name} (${end - first})`);
    throw userError(
      new RangeError(
        `Cannot open split ${split} of mini: splits are ${
          names.join(" and ")
        }, or a part such as ` +
          "train[0:200]",
      ),
    );
  }
  const count = range[1] - range[0];
  if (!slice) return { first: range[0], length: count };
  const start = Number(from);
  const end = to ? Number(to) : count;
  if (start >= end || end > count) {
    throw userError(
      new RangeError(
        `Cannot open split ${split} of mini: the part must hold something within 0:${count}`,
      ),
    );
  }
  return { first: range[0] + start, length: end - start };
}
