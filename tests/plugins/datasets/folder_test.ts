import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encodeIndexedPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { withExif } from "../images/exif_files.ts";
import {
  folderRefusal,
  labelsOf,
  openFolder,
  writePictures,
  writeStripes,
} from "./folder_files.ts";
import { inFolder } from "./voc12_devkit.ts";

Deno.test("folder: an image has the class of its folder, and of every folder that holds it", () =>
  inFolder(async (root) => {
    await writePictures(root, ["dog/b 1.JPG", "cat/a.jpg", "cat/c.jpeg"]);
    await Deno.copyFile(`${root}/cat/c.jpeg`, `${root}/dog/c.jpeg`);
    await Deno.writeTextFile(`${root}/cat/._a.jpg`, "no data");
    await Deno.writeTextFile(`${root}/cat/Thumbs.db`, "no data");
    await Deno.writeTextFile(`${root}/README.txt`, "no data");
    const dataset = await openFolder(root);
    await dataset.check({ mask: false });
    assertEquals(dataset.classes, ["cat", "dog"]);
    assertEquals(labelsOf(dataset), { a: ["cat"], "b 1": ["dog"], c: ["cat", "dog"] });
    assertEquals((await dataset.read(0, { mask: false })).image.width, 24);
    const dogs = await openFolder(root, { classes: ["dog"] });
    assertEquals(labelsOf(dogs), { a: [], "b 1": ["dog"], c: ["dog"] });
  }));

Deno.test("folder: images lie flat, and a file has their labels", () =>
  inFolder(async (root) => {
    await writePictures(root, ["images/a.jpg", "images/b.jpg"]);
    await Deno.writeTextFile(`${root}/labels.csv`, "image,cat,dog\na.jpg,1,0\nb.jpg,1,1\n");
    await Deno.writeTextFile(`${root}/labels.json`, '{"a": ["cat"], "b": []}');
    const options = { images: "images", classes: ["cat", "dog"] };
    const byCsv = await openFolder(root, { ...options, labels: "labels.csv" });
    await byCsv.check({ mask: false });
    assertEquals(labelsOf(byCsv), { a: ["cat"], b: ["cat", "dog"] });
    const byJson = await openFolder(root, { ...options, labels: "labels.json" });
    assertEquals(labelsOf(byJson), { a: ["cat"], b: [] });
    await writePictures(root, ["images/z.jpg"]);
    assertStringIncludes(
      await folderRefusal(root, { ...options, labels: "labels.csv" }),
      "Cannot label z:",
    );
    assertStringIncludes(
      await folderRefusal(root, { images: "images", labels: "labels.csv" }),
      "state classes",
    );
  }));

Deno.test("folder: masks beside, by the rule of class numbers, flat or in class folders", () =>
  inFolder(async (root) => {
    await writePictures(root, ["tree/a.jpg", "bush/b.jpg"]);
    await writeStripes(`${root}/masks/a.PNG`, [0, 2]);
    await writeStripes(`${root}/masks/bush/b.png`, [1]);
    const masks = "masks";
    const dataset = await openFolder(root, { masks });
    await dataset.check({ mask: true });
    assertEquals(dataset.classes, ["bush", "tree"]);
    assertEquals(new Set((await dataset.read(0, { mask: true })).mask!.data), new Set([255, 0, 2]));
    const { readMask } = dataset;
    assertEquals(new Set((await readMask!.call(dataset, 1)).data), new Set([255, 1]));
    const byMasks = await openFolder(root, { images: "tree", masks: "../masks" }).catch(String);
    assertStringIncludes(String(byMasks), "has no folder of a class");
    await writeStripes(`${root}/masks/tree/a.png`, [0, 2]);
    assertStringIncludes(
      await folderRefusal(root, { masks }),
      "Cannot find the file of a: there are",
    );
    await Deno.remove(`${root}/masks/tree`, { recursive: true });
    await writeStripes(`${root}/masks/a.PNG`, [3]);
    assertStringIncludes(
      await folderRefusal(root, { masks }, "all", { mask: true }),
      "found class 3, expected 0 to 2",
    );
    await writeStripes(`${root}/masks/a.PNG`, [0]);
    await Deno.remove(`${root}/masks/bush`, { recursive: true });
    assertStringIncludes(
      await folderRefusal(root, { masks }, "all", { mask: true }),
      "1 of 2 masks are missing",
    );
    assertStringIncludes(
      await folderRefusal(root, { classes: ["tree", "bush"] }, "all", { mask: true }),
      "masks/a.PNG and",
    );
    await Deno.remove(`${root}/masks`, { recursive: true });
    assertStringIncludes(
      await folderRefusal(root, {}, "all", { mask: true }),
      "option masks is not stated",
    );
  }));

Deno.test("folder: classes with VOC's names have VOC's numbers, unless the vocabulary is stated", () =>
  inFolder(async (root) => {
    await writePictures(root, ["cat/a.jpg", "dog/b.jpg"]);
    for (const [name, number] of [["a", 1], ["b", 2]] as const) {
      await writeStripes(`${root}/masks/${name}.png`, [0, number]);
    }
    const want = { mask: true };
    assertStringIncludes(
      await folderRefusal(root, { masks: "masks" }, "all", want),
      "its masks hold 1 (aeroplane)",
    );
    const own = await openFolder(root, { masks: "masks", vocabulary: ["cat", "dog"] });
    await own.check(want);
    const byMasks = { masks: "masks", labels: "masks", vocabulary: ["dog", "cat"] };
    await Deno.mkdir(`${root}/flat`);
    for (const path of ["cat/a.jpg", "dog/b.jpg"]) {
      await Deno.rename(`${root}/${path}`, `${root}/flat/${path.slice(4)}`);
    }
    const labelled = await openFolder(root, {
      ...byMasks,
      images: "flat",
      classes: ["cat", "dog"],
    });
    await labelled.check(want);
    assertEquals(labelsOf(labelled), { a: ["dog"], b: ["cat"] });
  }));

Deno.test("folder: splits are lists of names or paths, files of lists, and all", () =>
  inFolder(async (root) => {
    await writePictures(root, ["cat/a 1.jpg", "cat/b.jpg", "dog/c.jpg"]);
    await Deno.mkdir(`${root}/lists`);
    await Deno.writeTextFile(`${root}/lists/train.txt`, "a 1\ndog/c.jpg\n");
    await Deno.writeTextFile(`${root}/mine.txt`, "b\n");
    assertEquals(labelsOf(await openFolder(root, {}, "train")), { "a 1": ["cat"], c: ["dog"] });
    assertEquals(labelsOf(await openFolder(root, {}, "mine.txt")), { b: ["cat"] });
    assertEquals((await openFolder(root, {}, "all")).length, 3);
    assertStringIncludes(
      await folderRefusal(root, {}, "trian"),
      'Cannot find split "trian" (did you mean "train"?)',
    );
    await Deno.writeTextFile(`${root}/lists/gone.txt`, "b\nx\ncat/y.jpg\n");
    assertStringIncludes(
      await folderRefusal(root, {}, "gone"),
      `2 of 3 images are missing: ${root}/*/x.jpg`,
    );
    await Deno.writeTextFile(`${root}/lists/twice.txt`, "b\nb\n");
    assertStringIncludes(await folderRefusal(root, {}, "twice"), "b is already in line 1");
  }));

Deno.test("folder refuses images of one name, empty classes, broken links and typing errors", () =>
  inFolder(async (root) => {
    assertStringIncludes(
      await folderRefusal(`${root}/gone`),
      `Cannot use ${root}/gone: there is no such folder; option root`,
    );
    assertStringIncludes(await folderRefusal(root), "has no folder of a class");
    await writePictures(root, ["cat/001.jpg", "dog/001.jpg"]);
    assertStringIncludes(await folderRefusal(root), "both named 001 and differ");
    const byPath = await openFolder(root, { names: "path" });
    assertEquals(labelsOf(byPath), { cat_001: ["cat"], dog_001: ["dog"] });
    await Deno.rename(`${root}/dog/001.jpg`, `${root}/dog/2.jpg`);
    await Deno.copyFile(`${root}/dog/2.jpg`, `${root}/dog/2.PNG`);
    assertStringIncludes(await folderRefusal(root), "both named 2; remove or rename");
    await Deno.remove(`${root}/dog/2.PNG`);
    assertStringIncludes(
      await folderRefusal(root, { classes: ["cta"] }),
      'it has no folder "cta" (did you mean "cat"?); folders there: cat, dog',
    );
    await Deno.mkdir(`${root}/notes`);
    assertStringIncludes(await folderRefusal(root), "/notes as a class: it holds no image");
    await (await openFolder(root, { classes: ["cat"] })).check({ mask: false });
    await Deno.remove(`${root}/notes`);
    await Deno.symlink(`${root}/nowhere`, `${root}/bird`);
    assertStringIncludes(await folderRefusal(root), `Cannot list ${root}/bird`);
    await Deno.remove(`${root}/bird`);
    await Deno.symlink(`${root}/nowhere.jpg`, `${root}/cat/3.jpg`);
    assertStringIncludes(await folderRefusal(root), "1 of 3 images are missing");
  }));

Deno.test("folder: a mask must fit the pixels as they are stored; the fingerprint sees it", () =>
  inFolder(async (root) => {
    await writePictures(root, ["tree/a.jpg"]);
    const masks = "masks";
    await writeStripes(`${root}/masks/a.png`, [0, 1]);
    const before = await (await openFolder(root, { masks })).fingerprint();
    assertEquals(await (await openFolder(root, { masks })).fingerprint(), before);
    await writeStripes(`${root}/masks/a.png`, [1, 0]);
    const dataset = await openFolder(root, { masks });
    assertNotEquals(await dataset.fingerprint(), before);
    assertEquals((await dataset.read(0, { mask: true })).image.width, 24);
    const file = `${root}/tree/a.jpg`;
    await Deno.writeFile(file, withExif(await Deno.readFile(file), 6));
    const turned = { width: 16, height: 24, channels: 1, data: new Uint8Array(24 * 16) };
    await Deno.writeFile(`${root}/masks/a.png`, encodeIndexedPng(turned, vocPalette()));
    await assertRejects(
      () => dataset.read(0, { mask: true }),
      RangeError,
      "its EXIF orientation 6 is not applied",
    );
  }));
