import { parse } from "@std/yaml";
import { messageOf, userError } from "../errors.ts";
import { DEPTH } from "./tree.ts";

/**
 * Parses YAML.
 *
 * @param text a recipe, or a value of `--set`
 * @param what for messages, such as `Cannot parse recipe a.yaml`
 * @returns plain data; aliases share objects
 * @throws {SyntaxError} with the line, or where it is nested so deep that the parser, which calls itself once a level, gives up
 */
export function parseYaml(text: string, what: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const deep = error instanceof RangeError && /call stack/.test(error.message);
    const why = deep ? `it is nested deeper than ${DEPTH} levels` : messageOf(error);
    throw userError(new SyntaxError(`${what}: ${why}`));
  }
}
