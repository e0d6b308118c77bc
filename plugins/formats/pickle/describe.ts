import { show } from "../../../core/registry/option_errors.ts";
import { Opaque } from "./opaque.ts";
import { isSequence } from "./values.ts";

/**
 * Names the type of an unpickled value, without traversing it: it may contain itself, or one list many times.
 *
 * @param value any
 * @returns such as `a dict` or `an object of "argparse.Namespace"`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeValue, Opaque } from "seamstress";
 * assertEquals(describeValue(null), "None");
 * assertEquals(describeValue(new Opaque("pathlib.PosixPath")), 'an object of "pathlib.PosixPath"');
 * ```
 */
export function describeValue(value: unknown): string {
  if (value === null) return "None";
  if (value instanceof Opaque) return `an object of ${show(value.name)}`;
  if (value instanceof Map) return "a dict";
  if (value instanceof Set) return "a set";
  if (value instanceof Uint8Array) return "bytes";
  if (isSequence(value)) return "a list";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "number" || typeof value === "bigint" ? "a number" : "an object";
}
