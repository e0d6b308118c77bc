import type * as z from "zod";
import { cut, userError } from "../errors.ts";
import { own } from "./own.ts";
import { didYouMean } from "./suggest.ts";

/** A place in a recipe: keys and indices from its top. */
export type RecipePath = readonly (string | number)[];

/** One error in a recipe or in a plugin's options. */
export interface OptionError {
  readonly path: RecipePath;
  readonly message: string;
}

/**
 * Formats a path of a recipe for a message.
 *
 * @param path keys and indices
 * @returns such as `stages[0].losses[3].ohem`; empty for the top
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatPath } from "./option_errors.ts";
 * assertEquals(formatPath(["stages", 0, "losses", 3, "ohem"]), "stages[0].losses[3].ohem");
 * ```
 */
export function formatPath(path: RecipePath): string {
  return path.map((part, i) => typeof part === "number" ? `[${part}]` : i > 0 ? `.${part}` : part)
    .join("");
}

/**
 * Joins option errors into one error.
 *
 * @param what what was being done, such as "Cannot use recipe a.yaml"
 * @param errors at least one
 * @returns a TypeError marked as a user error
 */
export function joinOptionErrors(what: string, errors: readonly OptionError[]): TypeError {
  const lines = errors.map(({ path, message }) =>
    path.length > 0 ? `${formatPath(path.map(shortPart))}: ${message}` : message
  );
  return userError(
    new TypeError(
      lines.length === 1 ? `${what}: ${lines[0]}` : [`${what}:`, ...lines].join("\n  "),
    ),
  );
}

const shortPart = (part: string | number) => typeof part === "string" ? cut(part) : part;
const nameOf = (type: string) => type === "array" ? "a list, [a, b]" : type;

/** A found value, short enough for a message. */
export function show(value: unknown): string {
  // Of a long text, what is left out need not be escaped first.
  const short = typeof value === "string" ? value.slice(0, 100) : value;
  let text: string | undefined;
  try {
    text = JSON.stringify(short);
  } catch {
    // A TypeScript recipe may hold what JSON cannot, such as 1n.
  }
  return cut(text ?? String(short));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = own(current as Record<PropertyKey, unknown>, key);
  }
  return current;
}

/** Describes zod's issue in words. */
function describeIssue(
  issue: z.core.$ZodIssue,
  input: unknown,
  validKeys: readonly string[],
): string[] {
  const found = valueAt(input, issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) =>
        `unknown key ${show(key)}${didYouMean(key, validKeys)}; valid keys: ${validKeys.join(", ")}`
      );
    case "invalid_type":
      return [
        found === undefined
          ? `missing; expected ${issue.expected}`
          : `found ${show(found)}, expected ${nameOf(issue.expected)}`,
      ];
    case "invalid_value":
      return [
        `found ${show(found)}${didYouMean(String(found), issue.values.map(String))}; valid: ${
          issue.values.map(String).join(", ")
        }`,
      ];
    case "too_small":
      return [`found ${show(found)}, expected ${issue.inclusive ? ">=" : ">"} ${issue.minimum}`];
    case "too_big":
      return [`found ${show(found)}, expected ${issue.inclusive ? "<=" : "<"} ${issue.maximum}`];
    case "invalid_union": {
      const wanted = issue.errors.flat().map((inner) =>
        inner.message.replace(/^Invalid input: |, received .*$/g, "")
      );
      const what = found === undefined ? "missing" : `found ${show(found)}`;
      return [`${what}; ${[...new Set(wanted)].join(" or ")}`];
    }
    default:
      return [`found ${show(found)}: ${issue.message}`];
  }
}

/**
 * Turns zod's issues into option errors that name the value found and what would be valid.
 *
 * @param error what `safeParse` gave
 * @param input what was parsed
 * @param path where the input stands in the recipe
 * @param keysAt the valid keys of the object at a path below the input, for "did you mean"
 * @returns at least one
 */
export function optionErrorsOf(
  error: z.ZodError,
  input: unknown,
  path: RecipePath,
  keysAt: (below: readonly PropertyKey[]) => readonly string[],
): OptionError[] {
  return error.issues.flatMap((issue) =>
    describeIssue(issue, input, keysAt(issue.path)).map((message) => ({
      path: [...path, ...issue.path.map((part) => typeof part === "number" ? part : String(part))],
      message,
    }))
  );
}
