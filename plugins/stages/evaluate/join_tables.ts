import type { Table } from "seamstress";

/**
 * Joins the tables of several metrics into one: rows of the same name beside each other, `–` where a table lacks a row.
 *
 * @param tables at least one, one of them with a threshold at most; the first column of each names the row
 * @returns one table; a single one is given back with its title replaced
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { joinTables } from "./join_tables.ts";
 * const iou = {
 *   title: "IoU",
 *   columns: ["class", "IoU (%)"],
 *   rows: [["background", 80], ["cat", 60]],
 *   summary: { miou: 70 },
 *   note: "alpha 0.3, fixed",
 * };
 * const precision = {
 *   title: "AP",
 *   columns: ["class", "AP (%)"],
 *   rows: [["cat", 98]],
 *   summary: { map: 98 },
 *   note: "mAP not interpolated",
 * };
 * assertEquals(joinTables([iou, precision], "Both"), {
 *   title: "Both",
 *   columns: ["class", "IoU (%)", "AP (%)"],
 *   rows: [["background", 80, "–"], ["cat", 60, 98]],
 *   summary: { miou: 70, map: 98 },
 *   note: "alpha 0.3, fixed; mAP not interpolated",
 * });
 * ```
 */
export function joinTables(tables: readonly Table[], title: string): Table {
  const names = [...new Set(tables.flatMap(({ rows }) => rows.map(([name]) => String(name))))];
  // The mean of the longest table would otherwise stand before rows that only a later one has.
  names.sort((a, b) => Number(a === "mean") - Number(b === "mean"));
  const curves = Object.assign({}, ...tables.map((table) => table.curves ?? {}));
  const absent = [...new Set(tables.flatMap((table) => table.absent ?? []))];
  const threshold = tables.find((table) => table.threshold)?.threshold;
  return {
    title,
    columns: [
      tables[0]?.columns[0] ?? "",
      ...tables.flatMap(({ columns }) => columns.slice(1)),
    ],
    rows: names.map((name) => [
      name,
      ...tables.flatMap(({ rows, columns }) =>
        rows.find(([first]) => first === name)?.slice(1) ?? columns.slice(1).map(() => "–")
      ),
    ]),
    summary: Object.assign({}, ...tables.map(({ summary }) => summary)),
    note: tables.map(({ note }) => note).join("; "),
    ...absent.length > 0 && { absent },
    ...threshold && { threshold },
    ...Object.keys(curves).length > 0 && { curves },
  };
}
