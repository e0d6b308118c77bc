/**
 * Looks up a name that a user wrote in a record, where `record[name]` would also find what every object inherits: `constructor`,
 * `toString`, `__proto__`.
 *
 * @param record values by name
 * @param name any text
 * @returns the record's own value of that name, or undefined
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { own } from "seamstress";
 * assertEquals(own({ lr: 0.1 }, "lr"), 0.1);
 * assertEquals(own({ lr: 0.1 }, "constructor"), undefined);
 * ```
 */
export function own<T>(record: Readonly<Record<PropertyKey, T>>, name: PropertyKey): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
