import { userError } from "../errors.ts";
import { formatPath, type RecipePath } from "../registry/option_errors.ts";

/** The deepest nesting that a recipe may have; the shipped ones have nine levels at most. */
export const DEPTH = 64;

/** Whether a value is a list or a plain object; dates, bytes and other values of YAML or TypeScript are left to the schemas. */
function isHolder(value: unknown): value is Record<string, unknown> | unknown[] {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/**
 * Expands a parsed recipe's YAML aliases, so that a change of one place leaves the others alone and every later walk through it
 * takes as long as it has values.
 *
 * @param value parsed YAML, or what a TypeScript recipe gives; not changed
 * @param nodes most values that it may hold when written out, keys not counted
 * @param what for messages, such as `Cannot use recipe a.yaml`
 * @returns a copy in which no two places share an object
 * @throws {RangeError} where it is larger, nested deeper than {@linkcode DEPTH}, or holds itself
 * @throws {TypeError} where it has the key `__proto__`, which no plugin can declare
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { writtenOut } from "./tree.ts";
 * const shared = { lr: 1 };
 * const copy = writtenOut({ a: shared, b: shared }, 5, "Cannot use it") as { a: unknown; b: unknown };
 * assertEquals([copy.a === copy.b, copy], [false, { a: { lr: 1 }, b: { lr: 1 } }]);
 * assertThrows(() => writtenOut({ a: shared, b: shared }, 4, "Cannot use it"), RangeError, "more than 4 values");
 * ```
 */
export function writtenOut(value: unknown, nodes: number, what: string): unknown {
  const above = new Set<unknown>();
  let count = 0;

  function refuse(path: RecipePath, problem: string): RangeError {
    // A path of many levels says no more than its beginning.
    const where = formatPath(path.slice(0, 4)) + (path.length > 4 ? "…" : "");
    return userError(new RangeError(`${what}: ${where === "" ? "" : `${where} `}${problem}`));
  }

  function copy(item: unknown, path: RecipePath): unknown {
    if (++count > nodes) {
      throw userError(
        new RangeError(
          `${what}: it has more than ${nodes} values when its aliases are written out; ` +
            "where they are meant, set limits.nodes",
        ),
      );
    }
    if (!isHolder(item)) return item;
    if (above.has(item)) {
      throw refuse(path, "is an alias of what it stands in, which has no end");
    }
    if (path.length >= DEPTH) throw refuse(path, `is nested deeper than ${DEPTH} levels`);
    above.add(item);
    const copied = Array.isArray(item)
      ? item.map((element, i) => copy(element, [...path, i]))
      : Object.fromEntries(
        Object.entries(item).map(([key, element]) => {
          if (key === "__proto__") {
            throw userError(
              new TypeError(
                `${what}: ${formatPath([...path, key])} is no key that a recipe may have`,
              ),
            );
          }
          return [key, copy(element, [...path, key])];
        }),
      );
    above.delete(item);
    return copied;
  }

  return copy(value, []);
}
