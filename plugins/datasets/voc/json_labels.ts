import { messageOf, show, userError } from "seamstress";

/**
 * Reads image labels from JSON: `{ "2007_000032": ["aeroplane", "person"], … }`.
 *
 * @param text the file's text
 * @param from the file's path, for messages
 * @returns image name → class names
 * @throws {SyntaxError} naming the file where it is of another form
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readJsonLabels } from "./json_labels.ts";
 * assertEquals(readJsonLabels('{ "a": ["cat"] }', "labels.json").get("a"), ["cat"]);
 * ```
 */
export function readJsonLabels(text: string, from: string): ReadonlyMap<string, readonly string[]> {
  const refuse = (reason: string) =>
    userError(
      new SyntaxError(
        `Cannot read labels from ${from}: ${reason}; expected { "image name": ["class", …], … }`,
      ),
    );
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch (error) {
    throw refuse(messageOf(error));
  }
  if (typeof table !== "object" || table === null || Array.isArray(table)) {
    throw refuse(`found ${show(table)}`);
  }
  const labels = new Map<string, readonly string[]>();
  for (const [name, classes] of Object.entries(table)) {
    if (!Array.isArray(classes) || !classes.every((entry) => typeof entry === "string")) {
      throw refuse(`found ${show(classes)} for ${show(name)}`);
    }
    labels.set(name, classes);
  }
  return labels;
}
