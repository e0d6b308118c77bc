/**
 * Parses a line of a file of JSON lines.
 *
 * @param line one line
 * @returns the object; undefined where the line is none, as the last one of a process that was killed
 */
export function parseJsonLine<T extends object = Readonly<Record<string, unknown>>>(
  line: string,
): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value as T : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Parses a file of JSON lines, such as a run's `metrics.jsonl`. Lines that are no objects are left out.
 *
 * @param text of the file
 * @returns objects in order; their members are not checked
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseJsonLines } from "seamstress";
 * assertEquals(parseJsonLines('{"step":1}\nnull\n{"step":2}\n{"st'), [{ step: 1 }, { step: 2 }]);
 * ```
 */
export function parseJsonLines<T extends object = Readonly<Record<string, unknown>>>(
  text: string,
): readonly T[] {
  return text.split("\n").map((line) => parseJsonLine<T>(line)).filter((value) =>
    value !== undefined
  );
}
