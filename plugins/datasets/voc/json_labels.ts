import { messageOf, show, userError } from "seamstress";

/** Tokens of JSON: strings and structural characters. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],]/gs;

/** A key that occurs twice at the top level of valid JSON; `JSON.parse` would silently keep the last. */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0, isKey = false;
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") isKey = ++depth === 1;
    else if (token === "}" || token === "]") depth--;
    else if (token === ",") isKey = depth === 1;
    else if (isKey) {
      isKey = false;
      const key: string = JSON.parse(token);
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

/**
 * Reads image labels from JSON: `{ "2007_000032": ["aeroplane", "person"], … }`.
 *
 * @param text the file's text
 * @param from the file's path, for messages
 * @returns image name → class names
 * @throws {SyntaxError} naming the file where it has another form, or an image that occurs twice
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
  const twice = repeatedKey(text);
  if (twice !== undefined) throw refuse(`${show(twice)} is there twice`);
  const labels = new Map<string, readonly string[]>();
  for (const [name, classes] of Object.entries(table)) {
    if (!Array.isArray(classes) || !classes.every((entry) => typeof entry === "string")) {
      throw refuse(`found ${show(classes)} for ${show(name)}`);
    }
    labels.set(name, classes);
  }
  return labels;
}
