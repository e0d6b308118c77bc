import { writeAtomic } from "../../../core/atomic.ts";
import type { Table } from "../../../core/contracts/metric.ts";
import { RESULT, type Result } from "./result.ts";

type Cell = string | number;

/**
 * Writes a table as GitHub's Markdown: title, note, rows; numbers that are not whole with two decimals.
 *
 * @param table any table
 * @returns the text
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toMarkdown } from "./write_table.ts";
 * const text = toMarkdown({
 *   title: "CAM on val",
 *   columns: ["class", "IoU (%)"],
 *   rows: [["cat", 61.25]],
 *   summary: {},
 *   note: "alpha 0.3, fixed",
 * });
 * assertEquals(text, "# CAM on val\n\nalpha 0.3, fixed\n\n| class | IoU (%) |\n| --- | ---: |\n| cat | 61.25 |\n");
 * ```
 */
export function toMarkdown({ title, columns, rows, note }: Table): string {
  const line = (cells: readonly Cell[]) => `| ${cells.map(markdownCell).join(" | ")} |`;
  const rule = columns.map((_, i) => i === 0 ? "---" : "---:");
  const body = [columns, rule, ...rows].map(line).join("\n");
  return `# ${title}\n\n${note}\n\n${body}\n`;
}

/**
 * Writes a result as CSV (RFC 4180, lines ended by LF), all digits; every row says what it was measured on.
 *
 * @param result any result
 * @returns the text
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toCsv } from "./write_table.ts";
 * const text = toCsv({
 *   table: { title: "", columns: ["class", "IoU (%)"], rows: [["cat", 61.25]], summary: {}, note: "alpha 0.3, fixed" },
 *   about: { stage: "score", from: "cams", checkpoint: "seam", output: "cam", split: "val", images: 2, maskScale: 1 },
 * });
 * assertEquals(text, 'class,IoU (%),stage,cams,split,images,how\ncat,61.25,score,cam of seam,val,2,"alpha 0.3, fixed"\n');
 * ```
 */
export function toCsv({ table: { columns, rows, note }, about }: Result): string {
  const { stage, output, checkpoint, split, images } = about;
  const measured = [stage, `${output} of ${checkpoint}`, split, images, note];
  return [
    [...columns, "stage", "cams", "split", "images", "how"],
    ...rows.map((row) => [...row, ...measured]),
  ].map((row) => row.map(csvCell).join(",") + "\n").join("");
}

/**
 * Writes a result in three formats: `table.json`, `table.csv`, `table.md`.
 *
 * @param folder of the stage
 * @param result what was measured
 */
export async function writeResult(folder: string, result: Result): Promise<void> {
  await writeAtomic(`${folder}/table.csv`, toCsv(result));
  await writeAtomic(`${folder}/table.md`, toMarkdown(result.table));
  await writeAtomic(`${folder}/${RESULT}`, JSON.stringify(result, null, 2) + "\n");
}

function markdownCell(cell: Cell): string {
  if (typeof cell === "string") return cell.replaceAll("|", "\\|");
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(2);
}

function csvCell(cell: Cell): string {
  const text = String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
