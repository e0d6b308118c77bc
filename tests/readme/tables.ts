/**
 * Reads a table of a Markdown document.
 *
 * @param text of the document
 * @param heading its first column's
 * @returns the rows' cells, without the heading's
 */
export function tableUnder(text: string, heading: string): readonly (readonly string[])[] {
  const lines = text.split("\n");
  const cells = (line: string) => line.split("|").slice(1, -1).map((cell) => cell.trim());
  const first = lines.findIndex((line) => line.startsWith("|") && cells(line)[0] === heading);
  if (first < 0) throw new Error(`Cannot find a table whose first column is ${heading}`);
  const rest = lines.slice(first + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(0, end < 0 ? rest.length : end).map(cells);
}

/**
 * Writes out the patterns of a cell, as a shell does braces: `a/{b,c}.yaml` → `a/b.yaml`, `a/c.yaml`.
 *
 * @param cell with names in backquotes
 * @returns the names; a `*` stays
 */
export function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => {
    const [, before, choice, after] = /^(.*)\{(.*)\}(.*)$/.exec(name!) ?? [];
    return choice === undefined
      ? [name!]
      : choice.split(",").map((each) => `${before}${each}${after}`);
  });
}
