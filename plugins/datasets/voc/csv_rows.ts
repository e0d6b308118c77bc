import { parse } from "@std/csv";

/** A row of a CSV file. */
export interface CsvRow {
  /** Number of its first line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

const SEPARATORS = [",", ";", "\t"] as const;

/** The separator that occurs most often in a header, outside quotes; a comma where there is none. */
function separatorOf(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counts = SEPARATORS.map((each) => bare.split(each).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}

/** Cells of one record; `undefined` where there is a quote inside a cell. */
function cellsOf(record: string, separator: string): readonly string[] | undefined {
  try {
    // Spaces before a quote are not part of a cell; trimming would also remove tabs, which may be the separator.
    return parse(record, { separator, trimLeadingSpace: separator !== "\t" })[0] ?? [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/**
 * Splits CSV (RFC 4180) into rows: cells between commas, semicolons or tabs, whichever occurs most often in the header, or the
 * one that a first line `sep=;`, as spreadsheets write it, names. Empty lines are skipped.
 *
 * @param text without a byte order mark
 * @param refuse creates the error for a line
 * @returns the rows, the header first
 * @throws what `refuse` creates, where quotes are wrong
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csvRows } from "./csv_rows.ts";
 * const rows = csvRows('image;cat\n\n"a;b";1\n', (line, problem) => new Error(`${line}: ${problem}`));
 * assertEquals(rows, [{ line: 1, cells: ["image", "cat"] }, { line: 3, cells: ["a;b", "1"] }]);
 * ```
 */
export function csvRows(
  text: string,
  refuse: (line: number, problem: string) => Error,
): readonly CsvRow[] {
  const lines = text.split(/\r\n?|\n/);
  const stated = /^sep=([,;\t])$/i.exec(lines[0]!)?.[1];
  let separator = stated;
  const rows: CsvRow[] = [];
  let record: string[] = [], quoted = false;
  for (const [i, line] of lines.entries()) {
    if (i === 0 && stated !== undefined) continue;
    if (record.length === 0 && line.trim() === "") continue;
    record.push(line);
    // A record continues on the next line while a quote is open, that is, while the number of quotes is odd.
    for (let q = line.indexOf('"'); q >= 0; q = line.indexOf('"', q + 1)) quoted = !quoted;
    if (quoted && i + 1 < lines.length) continue;
    const whole = record.join("\n"), begin = i + 2 - record.length;
    separator ??= separatorOf(whole);
    const cells = cellsOf(whole, separator);
    if (cells === undefined) {
      const odd = quoted && new RegExp(`(^|[${separator}])\\s*"`).test(record[0]!);
      throw refuse(begin, odd ? "a quote is never closed" : "a quote stands within a cell");
    }
    rows.push({ line: begin, cells });
    record = [];
  }
  return rows;
}
