import { userError } from "../../../core/errors.ts";

/**
 * The error for a kernel that a format lacks.
 *
 * @param kernel tfjs's name
 * @param known those that it has
 * @returns the error
 */
export function noCounterpart(kernel: string, known: readonly string[]): TypeError {
  return userError(
    new TypeError(
      `Cannot export the network: its kernel ${kernel} has no counterpart here; those that have: ${
        known.join(", ")
      }`,
    ),
  );
}
