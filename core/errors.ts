/**
 * Marks errors that a user caused and can fix. The command line prints these without a stack trace; any other error is a
 * defect of this program and keeps its trace.
 */

const userErrors = new WeakSet<Error>();

/** Characters of a message that are kept, at its beginning and at its end. */
const MESSAGE_START = 3000, MESSAGE_END = 1000;

/**
 * Shortens a text that a file or a user gave, for a message.
 *
 * @param text of any length
 * @param length most characters to keep, 60 unless told
 * @returns the text, or its beginning and `…`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cut } from "./errors.ts";
 * assertEquals(cut("2007_000033"), "2007_000033");
 * assertEquals(cut("x".repeat(1000), 5), "xxxx…");
 * ```
 */
export function cut(text: string, length = 60): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Escapes control characters as `\x1b`, so that they cannot steer a terminal; line ends and tabs stay. */
function escaped(control: string): string {
  if (control === "\n" || control === "\t") return control;
  return `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** Shortens and escapes a message: it may repeat what a file holds, which must not fill the screen or steer the terminal. */
function tamed(whole: string): string {
  const message = whole.replace(/\p{Cc}/gu, escaped);
  if (message.length <= MESSAGE_START + MESSAGE_END) return message;
  const left = message.length - MESSAGE_START - MESSAGE_END;
  return `${message.slice(0, MESSAGE_START)} … ${left} characters left out … ${
    message.slice(-MESSAGE_END)
  }`;
}

/**
 * Marks an error as a user error and returns it, to be thrown.
 *
 * The class says what kind of error it is: `SyntaxError` for text that does not parse, `TypeError` for a wrong type,
 * `RangeError` for a value outside its range or set, `Deno.errors.NotFound` for a missing file, `Error` otherwise. The message
 * says what was being done, which file or key, what was found, and what would be valid; sentence case, no final period. The middle
 * of a message of more than 4000 characters is left out, control characters are written as escapes.
 *
 * @param error the error to mark
 * @returns the same error
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isUserError, userError } from "seamstress";
 * assert(isUserError(userError(new RangeError("Cannot crop to -1: crop must be >= 1"))));
 * assert(!isUserError(new RangeError("Invalid array length")));
 * ```
 */
export function userError<E extends Error>(error: E): E {
  const message = tamed(error.message);
  if (message !== error.message) error.message = message;
  userErrors.add(error);
  return error;
}

/**
 * Tells whether an error was marked by {@linkcode userError}.
 *
 * @param error anything that was thrown
 * @returns true for a user error
 */
export function isUserError(error: unknown): error is Error {
  return error instanceof Error && userErrors.has(error);
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
 * Puts what was being done before an error's message; a user error stays one.
 *
 * @param action what failed, such as "Cannot refine 2007_000033"
 * @param error anything that was thrown
 * @returns an error to throw, with the other as its cause
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { isUserError, userError, withAction } from "seamstress";
 * const named = withAction("Cannot refine x", userError(new RangeError("its scores hold NaN")));
 * assertEquals(named.message, "Cannot refine x: its scores hold NaN");
 * assert(isUserError(named));
 * assert(!isUserError(withAction("Cannot refine x", new TypeError("undefined is no function"))));
 * ```
 */
export function withAction(action: string, error: unknown): Error {
  const named = new Error(`${action}: ${messageOf(error)}`, { cause: error });
  return isUserError(error) ? userError(named) : named;
}
