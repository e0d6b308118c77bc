import type { OptionError, RecipePath } from "../registry/option_errors.ts";

/** A value with `${NAME}` replaced, and what could not be. */
export interface Substituted {
  readonly value: unknown;
  readonly errors: readonly OptionError[];
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string of a parsed recipe.
 *
 * @param value parsed YAML
 * @param lookup gives an environment variable or undefined
 * @param path where the value stands in the recipe
 * @returns the value, and a problem for every variable that is not set and has no default
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { substituteEnvironment } from "./environment.ts";
 * const { value } = substituteEnvironment({ root: "${VOC}/x" }, (name) => name === "VOC" ? "/data" : undefined);
 * assertEquals(value, { root: "/data/x" });
 * ```
 */
export function substituteEnvironment(
  value: unknown,
  lookup: (name: string) => string | undefined,
  path: RecipePath = [],
): Substituted {
  if (typeof value === "string") {
    const errors: OptionError[] = [];
    const replaced = value.replace(
      /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
      (all, name: string, fallback: string | undefined) => {
        const found = lookup(name) ?? fallback;
        if (found === undefined) {
          errors.push({
            path,
            message:
              `environment variable ${name} is not set; set it, or use --set with a value here`,
          });
        }
        return found ?? all;
      },
    );
    return { value: replaced, errors };
  }
  if (typeof value !== "object" || value === null) return { value, errors: [] };
  const errors: OptionError[] = [];
  const inner = (item: unknown, key: string | number) => {
    const result = substituteEnvironment(item, lookup, [...path, key]);
    errors.push(...result.errors);
    return result.value;
  };
  const replaced = Array.isArray(value)
    ? value.map(inner)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inner(item, key)]));
  return { value: replaced, errors };
}
