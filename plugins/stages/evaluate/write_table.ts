import type { WriteFile } from "seamstress";
import { howChosen, RESULT, type Result, scoredName } from "seamstress/wsss";
import { type Cell, csvText } from "./csv.ts";
import { markdownRow } from "./markdown_row.ts";

/** Facts that must be quoted with a score, by column. */
function measured({ table: { threshold }, about }: Result): Readonly<Record<string, Cell>> {
  return {
    split: about.split,
    images: about.images,
    stage: about.stage,
    scored: scoredName(about),
    threshold: threshold?.value ?? "",
    chosen: threshold ? howChosen(threshold) : "",
  };
}

/**
 * Writes a result as GitHub's Markdown: what was measured, how, every row, every curve; numbers that are not whole with two decimals.
 *
 * @param result any result
 * @returns the text
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toMarkdown } from "./write_table.ts";
 * const text = toMarkdown({
 *   table: {
 *     title: "score: cam of seam on val, 2 images",
 *     columns: ["class", "IoU (%)"],
 *     rows: [["cat", 61.25]],
 *     summary: { miou: 61.25, alpha: 0.3 },
 *     note: "alpha 0.3, fixed",
 *     threshold: { value: 0.3, how: "fixed" },
 *   },
 *   about: { stage: "score", from: "cams", checkpoint: "seam", output: "cam", split: "val", images: 2, maskScale: 1 },
 * });
 * assertEquals(text, `# score: cam of seam on val, 2 images
 *
 * alpha 0.3, fixed
 *
 * | split | images | stage | scored | threshold | chosen |
 * | --- | ---: | ---: | ---: | ---: | ---: |
 * | val | 2 | score | cam of seam | 0.30 | fixed |
 *
 * | class | IoU (%) |
 * | --- | ---: |
 * | cat | 61.25 |
 * `);
 * ```
 */
export function toMarkdown(result: Result): string {
  const { title, columns, rows, note, curves = {} } = result.table;
  const about = measured(result);
  return [
    `# ${title}`,
    note,
    markdownTable(Object.keys(about), [Object.values(about)]),
    markdownTable(columns, rows),
    ...Object.entries(curves).map(([name, points]) => markdownTable(axesOf(name), points)),
  ].join("\n\n") + "\n";
}

/**
 * Writes a result as CSV, all digits; every row says what it was measured on. Text that a spreadsheet would run as a formula is made
 * plain text, see {@linkcode csvText}.
 *
 * @param result any result
 * @returns the text
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toCsv } from "./write_table.ts";
 * const text = toCsv({
 *   table: {
 *     title: "",
 *     columns: ["class", "IoU (%)"],
 *     rows: [["cat", 61.25]],
 *     summary: {},
 *     note: "alpha 0.3, fixed",
 *     threshold: { value: 0.3, how: "fixed" },
 *   },
 *   about: { stage: "score", from: "cams", checkpoint: "seam", output: "cam", split: "val", images: 2, maskScale: 1 },
 * });
 * assertEquals(
 *   text,
 *   "class,IoU (%),split,images,stage,scored,threshold,chosen,note\n" +
 *     'cat,61.25,val,2,score,cam of seam,0.3,fixed,"alpha 0.3, fixed"\n',
 * );
 * ```
 */
export function toCsv(result: Result): string {
  const { columns, rows, note } = result.table;
  const about = { ...measured(result), note };
  return csv([...columns, ...Object.keys(about)], rows, Object.values(about));
}

/**
 * Writes a result's curve as CSV, such as mIoU by alpha, one point per row; every row says what it was measured on.
 *
 * @param result any result
 * @param name the curve's, `WHAT by OF`
 * @returns the text
 */
export function curveCsv(result: Result, name: string): string {
  const { split, images, stage, scored } = measured(result);
  const about = { split: split!, images: images!, stage: stage!, scored: scored! };
  const points = result.table.curves?.[name] ?? [];
  return csv([...axesOf(name), ...Object.keys(about)], points, Object.values(about));
}

/**
 * Writes a result in three formats, `table.json`, `table.csv`, `table.md`, and each of its curves as `curve-OF.csv`.
 *
 * @param folder of the stage
 * @param result what was measured
 * @param write writes its files
 */
export async function writeResult(
  folder: string,
  result: Result,
  write: WriteFile,
): Promise<void> {
  for (const name of Object.keys(result.table.curves ?? {})) {
    const [of = ""] = axesOf(name);
    const file = `curve-${encodeURIComponent(of)}.csv`;
    await write(`${folder}/${file}`, curveCsv(result, name));
  }
  await write(`${folder}/table.csv`, toCsv(result));
  await write(`${folder}/table.md`, toMarkdown(result));
  await write(`${folder}/${RESULT}`, JSON.stringify(result, null, 2) + "\n");
}

/** `mIoU (%) by alpha` → `alpha`, `mIoU (%)`. */
function axesOf(name: string): [string, string] {
  const [what, of] = name.split(" by ");
  return [of ?? "x", what ?? name];
}

function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const rule = columns.map((_, i) => i === 0 ? "---" : "---:");
  return [columns, rule, ...rows].map((cells) => markdownRow(cells.map(cellText))).join("\n");
}

/** @param about cells that every row ends with */
function csv(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  about: readonly Cell[],
): string {
  return csvText([columns, ...rows.map((row) => [...row, ...about])]);
}

function cellText(cell: Cell): string {
  if (typeof cell === "string") return cell;
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(2);
}
