import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/csv";
import { csvText } from "../../../plugins/stages/evaluate/csv.ts";
import { curveCsv, toCsv } from "../../../plugins/stages/evaluate/write_table.ts";

const HOSTILE = [
  "=1+1",
  "+1",
  "-2+3",
  "@SUM(A1)",
  "\t=1",
  "\r=1",
  "\n=1",
  "  =1",
  "＝1+1",
  '=HYPERLINK("http://x","y")',
];

Deno.test("tables as CSV have no cell that a spreadsheet runs as a formula", () => {
  const about = {
    stage: "-score",
    from: "=cams",
    checkpoint: "+ER",
    output: "cam",
    split: "@val",
    images: 2,
    maskScale: 1,
  };
  const table = {
    title: "",
    columns: ["class", "=IoU"],
    rows: HOSTILE.map((name, i) => [name, -i - 0.5]),
    summary: {},
    note: "=note",
    curves: { "=mIoU by +alpha": [[-0.5, 1]] },
  } as const;
  for (const text of [toCsv({ table, about }), curveCsv({ table, about }, "=mIoU by +alpha")]) {
    const cells = parse(text).flat();
    const formulas = cells.filter((cell) => /^\s*[=+\-@＝]|^[\t\r\n]/.test(cell));
    assertEquals(formulas.filter((cell) => Number.isNaN(Number(cell))), [], text);
    assert(cells.some((cell) => cell.startsWith("'=")));
    assert(cells.includes("-0.5"), "numbers stay numbers");
  }
});

Deno.test("csvText() leaves other text as it is", () => {
  const rows = [["image", "a=b", "x-y", "'q'", ""], [
    "1e-3",
    "5 - 3",
    "ä, ö",
    'say "hi"',
    "two\nlines",
  ]];
  assertEquals(parse(csvText(rows)), rows);
});
