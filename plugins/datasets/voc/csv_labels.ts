import { didYouMean, show, userError } from "seamstress";
import { csvRows } from "./csv_rows.ts";
import { IMAGE_ENDINGS } from "./locate.ts";

const ENDING = new RegExp(`\\.(${IMAGE_ENDINGS.join("|")})$`, "i");

/** Values that mean absent or present, in lower case; Python writes True, pandas 1.0. */
const PRESENCE: ReadonlyMap<string, boolean> = new Map([
  ...["0", "0.0", "false"].map((text) => [text, false] as const),
  ...["1", "1.0", "true"].map((text) => [text, true] as const),
]);

/** Names in a cell: separated by `;`, `,` or `|`, or by spaces if no class name contains a space. */
function namesIn(cell: string, vocabulary: readonly string[]): string[] {
  const text = cell.trim();
  if (vocabulary.includes(text)) return [text];
  const separator = /[;,|]/.test(text) ? /[;,|]/ : /\s+/;
  return text.split(separator).map((name) => name.trim()).filter((name) => name !== "");
}

/**
 * Reads image labels from CSV with a header line, in either of two forms: one column per class, 0 or 1, False or True, in each
 * (`image,cat,dog`), or a column of class names (`image,classes`), separated by `;`, and an image may have several lines. What
 * separates cells: see {@linkcode csvRows}.
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
    userError(new SyntaxError(`Cannot read labels at ${from}:${line}: ${problem}`));
  const unknown = (line: number, name: string) =>
    userError(
      new RangeError(
        `Cannot read labels at ${from}:${line}: unknown class ${show(name)}${
          didYouMean(name, vocabulary)
        }; known: ${vocabulary.join(", ")}`,
      ),
    );
  const [header, ...rows] = csvRows(source.replace(/^\ufeff/, ""), refuse);
  if (!header || header.cells.length < 2) {
    throw refuse(1, "expected a header such as image,classes or image,cat,dog");
  }
  const columns = header.cells.slice(1).map((name) => name.trim());
  const wide = columns.length > 1 || vocabulary.includes(columns[0]!);
  if (wide) {
    const odd = columns.find((name) => !vocabulary.includes(name));
    if (odd !== undefined) throw unknown(header.line, odd);
    const twice = columns.find((name, c) => columns.indexOf(name) !== c);
    if (twice !== undefined) throw refuse(header.line, `column ${show(twice)} is there twice`);
  }
  const labels = new Map<string, string[]>();
  for (const { line, cells } of rows) {
    if (cells.length !== header.cells.length) {
      throw refuse(line, `found ${cells.length} cells, the header has ${header.cells.length}`);
    }
    const [first = "", ...values] = cells.map((cell) => cell.trim());
    const name = first.slice(first.lastIndexOf("/") + 1).replace(ENDING, "");
    if (name === "") throw refuse(line, "it names no image");
    if (wide && labels.has(name)) throw refuse(line, `${show(name)} is there twice`);
    const odd = wide ? values.find((value) => !PRESENCE.has(value.toLowerCase())) : undefined;
    if (odd !== undefined) {
      throw refuse(
        line,
        `found ${show(odd)}, expected 0 or 1, False or True, below the classes of the header, ${
          columns.join(", ")
        }`,
      );
    }
    const names = wide
      ? columns.filter((_, c) => PRESENCE.get(values[c]!.toLowerCase()))
      : namesIn(values[0]!, vocabulary);
    const foreign = names.find((each) => !vocabulary.includes(each));
    if (foreign !== undefined) throw unknown(line, foreign);
    labels.set(name, [...labels.get(name) ?? [], ...names]);
  }
  if (labels.size === 0) throw refuse(header.line, "no image follows the header");
  return labels;
}
