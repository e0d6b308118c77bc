import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { encodeIndexedPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { inFolder, stripes, writeDevkit, writeSplit } from "./voc12_devkit.ts";
import { NPY } from "./voc12_npy.ts";
import { IMAGES, open, presentIn, refusal } from "./voc12_open.ts";

Deno.test("voc12 restricts labels and masks to a selection of VOC's classes, in its order", () =>
  inFolder(async (folder) => {
    await writeDevkit(folder, IMAGES);
    const classes = ["dog", "cat"];
    const background = await open(folder, { labels: "masks", classes });
    assertEquals(presentIn(background, 1), ["dog"]);
    assertEquals(background.label(1), new Float32Array([1, 0]));
    const mask = (await background.read(1, { mask: true })).mask!.data;
    assertEquals(new Uint8Array(mask), stripes(17, 31, [1, 0, 0]));
    const ignored = await open(folder, { labels: "masks", classes, others: "ignore" });
    assertEquals(
      new Uint8Array((await ignored.read(1, { mask: true })).mask!.data),
      stripes(17, 31, [1, 255, 0]),
    );
  }));

Deno.test("voc12 takes classes of other data, with mask indices of their own", () =>
  inFolder(async (folder) => {
    const images = [{ name: "a", classes: [1, 0, 2] }, { name: "b", classes: [2] }];
    const devkit = await writeDevkit(folder, images);
    const own = await open(folder, { labels: "masks", classes: ["leaf", "root"] });
    assertEquals([presentIn(own, 0), presentIn(own, 1)], [["leaf", "root"], ["root"]]);
    const selected = await open(folder, {
      labels: "masks",
      classes: ["root"],
      vocabulary: ["leaf", "root"],
    });
    assertEquals([...selected.label(0), ...selected.label(1)], [1, 1]);

    const three = { width: 24, height: 16, channels: 1, data: stripes(24, 16, [3]) };
    const path = `${devkit}/SegmentationClassAug/b.png`;
    await Deno.writeFile(path, encodeIndexedPng(three, vocPalette()));
    const changed = await open(folder, { labels: "masks", classes: ["leaf", "root"] });
    const error = assertThrows(() => changed.label(1), RangeError);
    assertStringIncludes(error.message, `${path}: found class 3, expected 0 to 2 (leaf, root)`);
  }));

Deno.test("voc12 reads labels from XML annotations", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await Deno.mkdir(`${devkit}/Annotations`);
    const object = (name: string, difficult = 0) =>
      `<object><name>${name}</name><difficult>${difficult}</difficult></object>`;
    for (const { name } of IMAGES) {
      const xml = `<annotation>${object("cat")}${object("dog", 1)}</annotation>`;
      await Deno.writeTextFile(`${devkit}/Annotations/${name}.xml`, xml);
    }
    const all = await open(folder, { labels: "xml" });
    await all.check({ mask: false });
    assertEquals(presentIn(all, 0), ["cat", "dog"]);
    const easy = await open(folder, { labels: { from: "xml", difficult: false } });
    assertEquals(presentIn(easy, 0), ["cat"]);
    const selected = await open(folder, { labels: "xml", classes: ["dog"] });
    assertEquals(selected.label(0), new Float32Array([1]));

    await Deno.writeTextFile(
      `${devkit}/Annotations/2007_000002.xml`,
      `<annotation>${object("catt")}</annotation>`,
    );
    assertStringIncludes(
      await refusal(folder, { labels: "xml" }),
      'Annotations/2007_000002.xml: unknown class "catt" (did you mean "cat"?)',
    );
    await Deno.remove(`${devkit}/Annotations/2007_000001.xml`);
    assertStringIncludes(await refusal(folder, { labels: "xml" }), "Annotations/2007_000001.xml");
  }));

Deno.test("voc12 reads labels from JSON and .npy, found where stated or beside the data", () =>
  inFolder(async (folder) => {
    const images = [{ name: "a", classes: [1] }, { name: "b", classes: [2] }];
    const devkit = await writeDevkit(folder, images);
    const classes = ["x", "y", "z"];
    await Deno.writeFile(`${folder}/labels.npy`, Uint8Array.fromBase64(NPY.protocol3));
    await Deno.writeTextFile(`${devkit}/labels.json`, '{ "a": ["z", "x"], "b": [] }');
    for (const labels of [`${folder}/labels.npy`, "labels.npy", "/nowhere/labels.npy"]) {
      const dataset = await open(devkit, { labels, classes });
      await dataset.check({ mask: false });
      assertEquals([presentIn(dataset, 0), presentIn(dataset, 1)], [["x", "z"], ["y"]]);
    }
    const dataset = await open(folder, { labels: "labels.json", classes });
    await dataset.check({ mask: false });
    assertEquals([presentIn(dataset, 0), presentIn(dataset, 1)], [["x", "z"], []]);

    const missing = await refusal(folder, { labels: "other.json", classes });
    assertStringIncludes(missing, "Cannot find labels");
    assertStringIncludes(missing, `${devkit}/other.json`);
    assertStringIncludes(
      await refusal(folder, { labels: "labels.npy", classes: ["x", "y"] }),
      "has 3 numbers, [1,0,1], expected 2 times 0 or 1",
    );
    await writeSplit(devkit, "more", ["a", "b", "c"]);
    for (const labels of ["labels.npy", "labels.json"]) {
      await Deno.copyFile(`${devkit}/JPEGImages/a.jpg`, `${devkit}/JPEGImages/c.jpg`);
      assertStringIncludes(
        await refusal(folder, { labels, classes }, "more"),
        `Cannot label c: ${labels === "labels.npy" ? folder : devkit}/${labels} has no entry`,
      );
    }
  }));
