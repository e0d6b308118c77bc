/**
 * Writes a row of a Markdown table: a bar in a cell does not end it, nor does a line end.
 *
 * @param cells texts, Markdown else
 * @returns the line
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { markdownRow } from "./markdown_row.ts";
 * assertEquals(markdownRow(["a|b", "**1.0**"]), "| a\\|b | **1.0** |");
 * ```
 */
export function markdownRow(cells: readonly string[]): string {
  const written = cells.map((text) => text.replaceAll("|", "\\|").replaceAll(/\s*\n\s*/g, " "));
  return `| ${written.join(" | ")} |`;
}
