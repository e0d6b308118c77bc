import { isUserError, messageOf, userError } from "../../core/errors.ts";
import { own } from "../../core/registry/own.ts";

/** An error as plain data. */
export interface PackedError {
  /** Of the error's class, such as `RangeError`. */
  readonly name: string;
  /** What went wrong. */
  readonly message: string;
  /** Where it was thrown, if known. */
  readonly stack?: string;
  /** Whether the user caused it and can put it right. */
  readonly userError: boolean;
}

/** Classes by name. Looked up when an error arrives, not on import: pages load this module, and have no Deno. */
function nativeClasses(): Readonly<Record<string, new (message: string) => Error>> {
  return {
    ...Deno.errors,
    Error,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  };
}

/**
 * Serialises an error to send it from a Worker.
 *
 * @param error anything that was thrown
 * @returns what a Worker can send of it
 */
export function packError(error: unknown): PackedError {
  const { name, stack } = error instanceof Error ? error : new Error(messageOf(error));
  return {
    name,
    message: messageOf(error),
    userError: isUserError(error),
    ...(stack === undefined ? {} : { stack }),
  };
}

/**
 * Deserialises an error that a Worker sent.
 *
 * @param packed what {@linkcode packError} gave in a Worker
 * @returns an error of the same class where it is a built-in one, with the Worker's stack, marked as a user error where it was one
 *
 * @example
 * ```ts
 * import { assert, assertInstanceOf } from "@std/assert";
 * import { isUserError, userError, packError, unpackError } from "seamstress";
 * const error = unpackError(packError(userError(new RangeError("Cannot crop to -1"))));
 * assertInstanceOf(error, RangeError);
 * assert(isUserError(error));
 * ```
 */
export function unpackError(packed: PackedError): Error {
  const known = own(nativeClasses(), packed.name);
  const error = known ? new known(packed.message) : new Error(packed.message);
  if (!known) error.name = packed.name;
  if (packed.stack !== undefined) error.stack = packed.stack;
  return packed.userError ? userError(error) : error;
}
