import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { ClassMap, VOC_CLASSES } from "../../../plugins/datasets/voc/classes.ts";
import { makeLabels } from "../../../plugins/datasets/voc/label_table.ts";
import { inFolder, writeDevkit } from "./voc12_devkit.ts";
import { IMAGES, open, presentIn, refusal } from "./voc12_open.ts";

const wide = (text: string) =>
  new Uint8Array(Uint16Array.from(`\ufeff${text}`, (letter) => letter.charCodeAt(0)).buffer);

Deno.test("voc12 names UTF-16 in lists, annotations, JSON and CSV before any work", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await Deno.mkdir(`${devkit}/Annotations`);
    const xml = "<annotation><object><name>cat</name></object></annotation>";
    for (const { name } of IMAGES) {
      await Deno.writeFile(`${devkit}/Annotations/${name}.xml`, wide(xml));
    }
    await Deno.writeFile(`${folder}/l.json`, wide('{"2007_000001": []}'));
    await Deno.writeFile(`${folder}/l.csv`, wide("image,cat\n2007_000001,1\n"));
    await Deno.writeFile(`${devkit}/ImageSets/Segmentation/wide.txt`, wide("2007_000001\n"));
    const found = "it is UTF-16 text, expected UTF-8";
    for (
      const [message, path] of [
        [await refusal(folder, { labels: "masks" }, "wide"), "split "],
        [await refusal(folder, { labels: "xml" }), "annotation "],
        [await refusal(folder, { labels: "l.json" }), "labels "],
      ] as const
    ) {
      assertStringIncludes(message, found);
      assertStringIncludes(message, `Cannot read ${path}${folder}`);
    }
    const csv = await assertRejects(() =>
      makeLabels({
        root: folder,
        from: `${folder}/l.csv`,
        classes: new ClassMap(VOC_CLASSES, VOC_CLASSES, "background"),
        splits: [],
        difficult: true,
      }), SyntaxError);
    assert(isUserError(csv));
    assertEquals(csv.message.startsWith(`Cannot read labels ${folder}/l.csv: ${found}`), true);
  }));

Deno.test("voc12 reads annotations as Python's ElementTree and older tools write them", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [{ name: "a", classes: [0, 1] }]);
    await Deno.mkdir(`${devkit}/Annotations`);
    const classes = ["café", "chien"];
    const object = (name: string) => `<object><name>${name}</name></object>`;
    const latin = `<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE annotation [ ]>`;
    for (
      const [text, names] of [
        [`<annotation>${object("caf&#233;")}</annotation>`, ["café"]],
        [`<annotation>${object("caf&#xE9;")}${object("chien")}</annotation>`, classes],
        [`${latin}<annotation>${object("caf\xe9")}</annotation>`, ["café"]],
        [`<annotation>${object("<![CDATA[chien]]>")}</annotation>`, ["chien"]],
      ] as const
    ) {
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      await Deno.writeFile(`${devkit}/Annotations/a.xml`, bytes);
      const dataset = await open(folder, { labels: "xml", classes });
      await dataset.check({ mask: false });
      assertEquals(presentIn(dataset, 0), names, text);
    }
  }));
