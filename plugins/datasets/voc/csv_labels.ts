import { mistake } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/suggest.ts";
import { IMAGE_ENDINGS } from "./locate.ts";

/** A line of a CSV file. */
interface Row {
  /** From 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

const ENDING = new RegExp(`\\.(${IMAGE_ENDINGS.join("|")})$`);

/** Splits RFC 4180 text into rows; empty lines are skipped. */
function parseCsv(text: string, refuse: (line: number, problem: string) => Error): Row[] {
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = "";
  let line = 1, begin = 1;
  const endRow = () => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== "") rows.push({ line: begin, cells });
    cells = [];
    cell = "";
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') {
      if (cell.trim() !== "") throw refuse(line, "a quote stands within a cell");
      let end = text.indexOf('"', i + 1);
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) throw refuse(begin, "a quote is never closed");
      cell = text.slice(i + 1, end).replaceAll('""', '"');
      line += cell.split("\n").length - 1;
      i = end;
    } else if (character === ",") {
      cells.push(cell);
      cell = "";
    } else if (character === "\n") {
      endRow();
      begin = ++line;
    } else if (character !== "\r") cell += character;
  }
  endRow();
  return rows;
}

/** Names in a cell: separated by `;` or `|`, or by blanks where no class has one. */
function namesIn(cell: string, vocabulary: readonly string[]): string[] {
  const text = cell.trim();
  if (vocabulary.includes(text)) return [text];
  const separator = /[;|]/.test(text) ? /[;|]/ : /\s+/;
  return text.split(separator).map((name) => name.trim()).filter((name) => name !== "");
}

/**
 * Reads image labels from CSV with a header line, in either of two forms: one column a class, 0 or 1 in each
 * (`image,cat,dog`), or a column of class names (`image,classes`), separated by `;`, and an image may have several lines.
 *
 * @param source the file's text
 * @param from its path, for messages
 * @param vocabulary class names
 * @returns image name, without an ending such as `.jpg` → class names
 * @throws {SyntaxError} naming the line where it is of another form
 * @throws {RangeError} naming the line where a class is unknown
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readCsvLabels } from "./csv_labels.ts";
 * const wide = readCsvLabels("image,cat,dog\na.jpg,1,0\n", "labels.csv", ["cat", "dog"]);
 * const long = readCsvLabels("image,classes\na.jpg,cat\n", "labels.csv", ["cat", "dog"]);
 * assertEquals(wide, new Map([["a", ["cat"]]]));
 * assertEquals(long, wide);
 * ```
 */
export function readCsvLabels(
  source: string,
  from: string,
  vocabulary: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const refuse = (line: number, problem: string) =>
    mistake(new SyntaxError(`Cannot read labels at ${from}:${line}: ${problem}`));
  const unknown = (line: number, name: string) =>
    mistake(
      new RangeError(
        `Cannot read labels at ${from}:${line}: unknown class "${name}"${
          didYouMean(name, vocabulary)
        }; known: ${vocabulary.join(", ")}`,
      ),
    );
  const [header, ...rows] = parseCsv(source.replace(/^\ufeff/, ""), refuse);
  if (!header || header.cells.length < 2) {
    throw refuse(1, "expected a header such as image,classes or image,cat,dog");
  }
  const columns = header.cells.slice(1).map((name) => name.trim());
  const wide = columns.length > 1 || vocabulary.includes(columns[0]!);
  if (wide) {
    const odd = columns.find((name) => !vocabulary.includes(name));
    if (odd !== undefined) throw unknown(header.line, odd);
  }
  const labels = new Map<string, string[]>();
  for (const { line, cells } of rows) {
    if (cells.length !== header.cells.length) {
      throw refuse(line, `found ${cells.length} cells, the header has ${header.cells.length}`);
    }
    const [first = "", ...values] = cells.map((cell) => cell.trim());
    const name = first.slice(first.lastIndexOf("/") + 1).replace(ENDING, "");
    if (name === "") throw refuse(line, "it names no image");
    if (wide && labels.has(name)) throw refuse(line, `${name} is there twice`);
    const odd = wide ? values.find((value) => value !== "0" && value !== "1") : undefined;
    if (odd !== undefined) {
      throw refuse(
        line,
        `found "${odd}", expected 0 or 1 below the classes of the header, ${columns.join(", ")}`,
      );
    }
    const names = wide
      ? columns.filter((_, c) => values[c] === "1")
      : namesIn(values[0]!, vocabulary);
    const foreign = names.find((each) => !vocabulary.includes(each));
    if (foreign !== undefined) throw unknown(line, foreign);
    labels.set(name, [...labels.get(name) ?? [], ...names]);
  }
  if (labels.size === 0) throw refuse(header.line, "no image follows the header");
  return labels;
}
