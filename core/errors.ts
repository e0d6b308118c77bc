/**
 * Marks errors that a user caused and can mend. The command line prints these without a stack trace; any other error is a
 * defect of ours and keeps its trace.
 */

const mistakes = new WeakSet<Error>();

/**
 * Marks an error as a user's mistake and gives it back, to be thrown.
 *
 * The class says what kind of mistake it is: `SyntaxError` for text that does not parse, `TypeError` for a wrong type,
 * `RangeError` for a value outside its range or set, `Deno.errors.NotFound` for a missing file, `Error` otherwise. The message
 * says what was being done, which file or key, what was found, and what would be valid; sentence case, no final period.
 *
 * @param error the error to mark
 * @returns the same error
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isMistake, mistake } from "./errors.ts";
 * assert(isMistake(mistake(new RangeError("Cannot crop to -1: crop must be >= 1"))));
 * assert(!isMistake(new RangeError("Invalid array length")));
 * ```
 */
export function mistake<E extends Error>(error: E): E {
  mistakes.add(error);
  return error;
}

/**
 * Tells whether an error was marked by {@linkcode mistake}.
 *
 * @param error anything that was thrown
 * @returns true for a user's mistake
 */
export function isMistake(error: unknown): error is Error {
  return error instanceof Error && mistakes.has(error);
}

/**
 * The message of anything that was thrown.
 *
 * @param error anything that was thrown
 * @returns its message, or its text where it is no `Error`
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Puts what was being done before an error's message; a user's mistake stays one.
 *
 * @param action what failed, such as "Cannot refine 2007_000033"
 * @param error anything that was thrown
 * @returns an error to throw, with the other as its cause
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { isMistake, mistake, withAction } from "./errors.ts";
 * const named = withAction("Cannot refine x", mistake(new RangeError("its scores hold NaN")));
 * assertEquals(named.message, "Cannot refine x: its scores hold NaN");
 * assert(isMistake(named));
 * assert(!isMistake(withAction("Cannot refine x", new TypeError("undefined is no function"))));
 * ```
 */
export function withAction(action: string, error: unknown): Error {
  const named = new Error(`${action}: ${messageOf(error)}`, { cause: error });
  return isMistake(error) ? mistake(named) : named;
}
