import { userError } from "seamstress";

/** Which steps of each stage are profiled: optimizer steps, or images where a stage does not train. */
export interface ProfiledSteps {
  /** From 1. */
  readonly from: number;
  /** The last one. */
  readonly to: number;
}

/** Skips the first step, which allocates memory and compiles kernels for all others. */
export const DEFAULT_STEPS: ProfiledSteps = { from: 2, to: 6 };

/** Maximum number of steps, which keeps the trace small. */
const MOST = 100;

/**
 * Reads which steps to profile.
 *
 * @param text such as `2-6`, or `3` for a single one
 * @returns the steps
 * @throws {RangeError} a user error
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { parseSteps } from "./steps.ts";
 * assertEquals(parseSteps("10-12"), { from: 10, to: 12 });
 * assertEquals(parseSteps("3"), { from: 3, to: 3 });
 * assertThrows(() => parseSteps("6-2"), RangeError);
 * ```
 */
export function parseSteps(text: string): ProfiledSteps {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const from = Number(first), to = Number(last);
  if (from >= 1 && to >= from && to - from < MOST) return { from, to };
  throw userError(
    new RangeError(
      `Cannot profile steps "${text}": expected such as 2-6, from 1, ${MOST} steps at most`,
    ),
  );
}
