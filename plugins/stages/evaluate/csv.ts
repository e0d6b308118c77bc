/** A cell of a table. */
export type Cell = string | number;

/**
 * Beginnings that spreadsheets take for a formula, after blanks too, full-width signs as well; a tab or a line end alone can hide one.
 * See OWASP, "CSV Injection".
 */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;

/**
 * Writes a cell of CSV. Text that a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets take for
 * "this is text"; numbers stay as they are.
 *
 * @param cell any
 * @returns the cell, in quotes where it needs them (RFC 4180)
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csvCell } from "./csv.ts";
 * assertEquals(csvCell('=HYPERLINK("http://x")'), `"'=HYPERLINK(""http://x"")"`);
 * assertEquals([csvCell(-0.5), csvCell("cat, dog")], ["-0.5", '"cat, dog"']);
 * ```
 */
export function csvCell(cell: Cell): string {
  const text = typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : String(cell);
  return /[",\n\r\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Writes rows as CSV (RFC 4180, lines ended by LF); see {@linkcode csvCell}.
 *
 * @param rows the header among them
 * @returns the text
 */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => row.map(csvCell).join(",") + "\n").join("");
}
