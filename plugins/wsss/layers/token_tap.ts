import type { TapSpec } from "../../../core/contracts/backbone.ts";
import { userError } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/registry/suggest.ts";

/**
 * Says that a head does not fit the backbone.
 *
 * @param head its name
 * @param problem what the backbone lacks, and what would be valid
 * @returns the error to throw
 */
export function unfitBackbone(head: string, problem: string): RangeError {
  return userError(new RangeError(`Cannot put head ${head} on this backbone: ${problem}`));
}

/**
 * Finds a tap of tokens by name.
 *
 * @param taps the backbone's
 * @param name as the recipe gives it
 * @param head that reads it, for messages
 * @returns its spec
 * @throws {RangeError} where the backbone gives no tokens of that name
 */
export function tokenTap(taps: readonly TapSpec[], name: string, head: string): TapSpec {
  const rows = taps.filter(({ kind }) => kind === "tokens");
  const tap = rows.find((candidate) => candidate.name === name);
  if (tap) return tap;
  const names = rows.map((row) => row.name);
  const valid = names.join(", ") || "none";
  throw unfitBackbone(
    head,
    `it gives no tokens "${name}"${didYouMean(name, names)}; valid: ${valid}`,
  );
}
