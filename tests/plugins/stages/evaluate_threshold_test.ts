import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readResult } from "../../../plugins/wsss/scores/result.ts";
import { network, runScene, withFolder } from "./scene.ts";

const infer = {
  id: "cams",
  run: "infer",
  from: "net",
  split: "val[0:6]",
  scales: [1],
  flip: false,
};
const sweep = { use: "miou", alpha: { sweep: [0.05, 0.95, 0.05] } };
const from = (id: string) => ({ use: "miou", alpha: { from: id } });
const score = (id: string, split: string, metric: unknown) => ({
  id,
  run: "evaluate",
  from: "cams",
  split,
  metric,
});

Deno.test("evaluate says on which split an alpha was chosen, and calls one an oracle that saw these very images", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [
      network("net", "seam"),
      infer,
      score("chosen", "val[0:3]", sweep),
      score("other", "val[3:6]", from("chosen")),
      score("part", "val[2:6]", from("chosen")),
      score("same", "val[0:3]", from("chosen")),
      // Handed on twice: what counts is where it was chosen.
      score("handed-on", "val[3:5]", from("other")),
      score("back", "val[0:3]", from("other")),
      score("fixed", "val[0:3]", { use: "miou", alpha: 0.4 }),
      score("fixed-too", "val[3:6]", from("fixed")),
    ]);
    const read = async (id: string) => (await readResult(`${folder}/${id}`)).table;
    const { value } = (await read("chosen")).threshold!;
    const on = (shared: number) => ({ stage: "chosen", split: "val[0:3]", images: 3, shared });
    const thresholds = {
      chosen: { value, how: "oracle" },
      other: { value, how: "chosen", on: on(0) },
      part: { value, how: "chosen", on: on(1) },
      same: { value, how: "oracle" },
      "handed-on": { value, how: "chosen", on: on(0) },
      back: { value, how: "oracle" },
      fixed: { value: 0.4, how: "fixed" },
      "fixed-too": { value: 0.4, how: "fixed" },
    };
    for (const [id, wanted] of Object.entries(thresholds)) {
      const table = await read(id);
      assertEquals(table.threshold, wanted, id);
      assertEquals(table.summary["alpha"], wanted.value);
    }
    const { note } = await read("other");
    assertStringIncludes(note, `alpha ${value}, chosen on val[0:3] (3 images, stage chosen)`);
    assertStringIncludes((await read("part")).note, ", 1 of them scored here)");
    assertStringIncludes((await read("same")).note, "oracle: best on this split");
    assertEquals((await read("same")).summary["miou"], (await read("chosen")).summary["miou"]);
    const csv = await Deno.readTextFile(`${folder}/other/table.csv`);
    assertStringIncludes(csv, `"chosen on val[0:3] (3 images, stage chosen)"`);
  });
});

Deno.test("evaluate writes a sweep's curve as CSV and in its Markdown", async () => {
  await withFolder(async (folder) => {
    await runScene(folder, [network("net", "seam"), infer, score("score", "val[0:6]", sweep)]);
    const { table } = await readResult(`${folder}/score`);
    const points = table.curves!["mIoU (%) by alpha"]!;
    const lines = (await Deno.readTextFile(`${folder}/score/curve-alpha.csv`)).trim().split("\n");
    assertEquals(lines[0], "alpha,mIoU (%),split,images,stage,scored");
    assertEquals(lines.length, 1 + points.length);
    const [alpha, miou] = points[7]!;
    assertEquals(lines[8], `${alpha},${miou},val[0:6],6,score,cam_rv of net`);
    const markdown = await Deno.readTextFile(`${folder}/score/table.md`);
    assertStringIncludes(markdown, `| alpha | mIoU (%) |\n| --- | ---: |\n| 0.05 |`);
    assertStringIncludes(markdown, `| ${alpha.toFixed(2)} | ${miou.toFixed(2)} |`);
  });
});

Deno.test("a threshold that no earlier evaluation gives is refused before anything runs", async () => {
  const cases: [Record<string, unknown>[], new () => Error, string][] = [
    [[score("score", "val[0:3]", from("train"))], RangeError, 'no earlier stage "train"'],
    [
      [score("map", "val[0:3]", "multilabel"), score("score", "val[3:6]", from("map"))],
      TypeError,
      'Cannot plan stage score: its metric uses the threshold of stage "map", whose metrics have none',
    ],
    [
      [score("score", "val[3:6]", from("cams"))],
      TypeError,
      'it reads table from stage "cams", which runs infer and gives cams',
    ],
    [
      [score("score", "val[3:6]", ["miou", sweep])],
      TypeError,
      "Cannot measure miou twice in one table",
    ],
  ];
  for (const [stages, type, message] of cases) {
    await withFolder(async (folder) => {
      const all = [network("net", "cam"), infer, ...stages];
      await assertRejects(() => runScene(folder, all), type, message);
      assert([...Deno.readDirSync(folder)].length === 0);
    });
  }
});
