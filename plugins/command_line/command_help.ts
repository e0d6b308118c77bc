/** How a section of the usage begins. */
const START = "  deno task ";

/**
 * Takes the part of one command out of the usage of all.
 *
 * @param usage a title, then for each form of a command a line `  deno task NAME …` and lines further in
 * @param name the command's
 * @returns its lines; undefined where there are none
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { commandHelp } from "./command_help.ts";
 * const usage = "Program\n\n  deno task a X\n    --b\n  deno task c";
 * assertEquals(commandHelp(usage, "a"), "  deno task a X\n    --b");
 * assertEquals(commandHelp(usage, "b"), undefined);
 * ```
 */
export function commandHelp(usage: string, name: string): string | undefined {
  const lines: string[] = [];
  let inside = false;
  for (const line of usage.split("\n")) {
    if (line.startsWith(START)) inside = line.slice(START.length).split(/\s/)[0] === name;
    if (inside) lines.push(line);
  }
  return lines.length > 0 ? lines.join("\n") : undefined;
}
