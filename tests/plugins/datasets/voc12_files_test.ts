import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { checkDevkit } from "../../../plugins/datasets/voc/check/devkit.ts";
import { formatCheck } from "../../../plugins/datasets/voc/check/format.ts";
import { ClassMap, VOC_CLASSES } from "../../../plugins/datasets/voc/classes.ts";
import { makeLabels } from "../../../plugins/datasets/voc/label_table.ts";
import { withExif } from "../images/exif_files.ts";
import { inFolder, writeDevkit, writeSplit } from "./voc12_devkit.ts";
import { CAT, DOG, IMAGES, open, refusal } from "./voc12_open.ts";

const classes = new ClassMap(VOC_CLASSES, VOC_CLASSES, "background");
const check = (root: string) => checkDevkit({ root, classes });

Deno.test("names that begin with a dot are no data: lists, photographs, masks", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const junk = Uint8Array.of(0, 5, 22, 7, 0, 2, 0, 0);
    const lists = `${devkit}/ImageSets/Segmentation`;
    for (
      const path of [
        `${lists}/._train.txt`,
        `${devkit}/JPEGImages/._2007_000001.jpg`,
        `${devkit}/JPEGImages/.DS_Store`,
        `${devkit}/JPEGImages/.jpg`,
        `${devkit}/SegmentationClassAug/._2007_000001.png`,
      ]
    ) await Deno.writeFile(path, junk);
    const listed = await check(folder);
    assertEquals([listed.splits.map(({ name }) => name), listed.unlisted], [["train"], 0]);
    assertEquals(listed.faults, []);
    const options = { root: folder, from: "masks", classes, splits: [], difficult: true };
    assertEquals([...(await makeLabels(options)).labels.keys()], IMAGES.map(({ name }) => name));
    const message = await refusal(folder, { labels: "masks" }, "trian");
    assert(message.includes("splits there: train; every image: --set split=all"), message);
    await Deno.remove(lists, { recursive: true });
    const unlisted = await check(folder);
    assertEquals([unlisted.images, unlisted.faults], [3, []]);
  }));

Deno.test("a hidden folder may hold a devkit, and a hidden file that is named may hold labels", () =>
  inFolder(async (folder) => {
    await writeDevkit(`${folder}/.cache`, IMAGES);
    const labels = Object.fromEntries(IMAGES.map(({ name }) => [name, ["cat"]]));
    await Deno.writeTextFile(`${folder}/.cache/.labels.json`, JSON.stringify(labels));
    const dataset = await open(`${folder}/.cache`, { labels: ".labels.json" });
    await dataset.check({ mask: true });
    assertEquals(dataset.length, 3);
  }));

Deno.test("endings of photographs and masks are taken in small letters and capitals", () =>
  inFolder(async (folder) => {
    const names = ["a", "b", "c", "d"];
    const devkit = await writeDevkit(folder, names.map((name) => ({ name, classes: [0, CAT] })));
    const photographs = `${devkit}/JPEGImages`, masks = `${devkit}/SegmentationClassAug`;
    await Deno.rename(`${photographs}/a.jpg`, `${photographs}/a.JPG`);
    await Deno.rename(`${photographs}/b.jpg`, `${photographs}/b.Jpeg`);
    await Deno.rename(`${photographs}/c.jpg`, `${photographs}/c.PNG`);
    await Deno.rename(`${masks}/a.png`, `${masks}/a.PNG`);
    await Deno.rename(`${masks}/d.png`, `${masks}/d.Png`);
    const dataset = await open(folder, { labels: "masks" });
    await dataset.check({ mask: true });
    for (let i = 0; i < 4; i++) {
      assertEquals((await dataset.read(i, { mask: true })).name, names[i]);
    }
    await Deno.remove(`${devkit}/ImageSets`, { recursive: true });
    const found = await check(folder);
    assertEquals([found.images, found.splits[0]!.masks, found.faults], [4, 4, []]);
  }));

Deno.test("links that lead nowhere are said before work: a photograph, a mask, a list, a folder", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const link = async (path: string) => {
      await Deno.rename(path, `${path}.away`);
      await Deno.symlink("/gone/away", path);
      return async () => {
        await Deno.remove(path);
        await Deno.rename(`${path}.away`, path);
      };
    };
    const found = "is a link to /gone/away, where there is nothing";
    const cases = [
      [`${devkit}/JPEGImages/2007_000001.jpg`, "1 of 3 images are missing: "],
      [`${devkit}/SegmentationClassAug/2007_000002.png`, "1 of 3 masks are missing: "],
      [`${devkit}/ImageSets/Segmentation/train.txt`, "Cannot read "],
      [`${devkit}/SegmentationClassAug`, "Cannot list "],
      [`${devkit}/JPEGImages`, "Cannot list "],
      [folder, "Cannot list "],
    ] as const;
    for (const [path, begin] of cases) {
      const restore = await link(path);
      const message = await refusal(folder, { labels: "masks" }, "train", { mask: true });
      assertStringIncludes(message, begin);
      assertStringIncludes(message, found);
      await restore();
    }
    const restore = await link(`${devkit}/JPEGImages/2007_000001.jpg`);
    const { faults } = await check(folder);
    assertEquals(faults.length, 1);
    assertStringIncludes(faults[0]!.fault, `2007_000001.jpg: it ${found}`);
    await restore();
    // A link that leads somewhere is a file as any.
    await Deno.rename(`${devkit}/JPEGImages/2007_000001.jpg`, `${folder}/elsewhere.jpg`);
    await Deno.symlink(`${folder}/elsewhere.jpg`, `${devkit}/JPEGImages/2007_000001.jpg`);
    const dataset = await open(folder, { labels: "masks" });
    await dataset.check({ mask: true });
    assertEquals((await check(folder)).faults, []);
  }));

Deno.test("EXIF orientation is noted, and named where it explains a mask of another size", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [
      { name: "flat", classes: [0, CAT] },
      { name: "mirrored", classes: [0, DOG] },
      { name: "turned", width: 16, height: 24, classes: [0, CAT] },
    ]);
    const photograph = (name: string) => `${devkit}/JPEGImages/${name}.jpg`;
    const flat = await Deno.readFile(photograph("flat"));
    await Deno.writeFile(photograph("mirrored"), withExif(flat, 3));
    await Deno.writeFile(photograph("turned"), withExif(flat, 6));
    const found = await check(folder);
    const word = "; its EXIF orientation 6 is not applied: save the image upright";
    assertEquals([found.turned, found.faults.length], [2, 1]);
    assertStringIncludes(found.faults[0]!.fault, `turned.png is 16x24, it is 24x16${word}`);
    assertStringIncludes(
      formatCheck(found),
      "2 photographs carry an EXIF orientation, which is not applied",
    );
    const dataset = await open(folder, { labels: "masks" });
    for (const read of [() => dataset.read(2, { mask: true }), () => dataset.readMask!(2)]) {
      const error = await assertRejects(read, RangeError, `turned.jpg is 24x16${word}`);
      assert(isUserError(error));
    }
    await Deno.writeFile(photograph("turned"), flat);
    await Deno.writeFile(photograph("mirrored"), flat);
    const upright = await check(folder);
    assertEquals([upright.turned, upright.faults.length], [0, 1]);
    assert(!formatCheck(upright).includes("EXIF"));
  }));

Deno.test("two photographs or two masks of one name are refused: nobody knows which is meant", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const { name } = IMAGES[0]!;
    for (const [from, to] of [["JPEGImages", "JPG"], ["SegmentationClassAug", "PNG"]] as const) {
      const path = `${devkit}/${from}/${name}`, first = `${path}.${to.toLowerCase()}`;
      await Deno.copyFile(first, `${path}.${to}`);
      const error = await assertRejects(() => open(folder, { labels: "masks" }), RangeError);
      for (const text of [`the file of ${name}`, first, `${path}.${to}`, "remove or rename"]) {
        assertStringIncludes(error.message, text);
      }
      await Deno.remove(`${path}.${to}`);
    }
    await (await open(folder, { labels: "masks" })).check({ mask: true });
  }));

Deno.test("voc12 without any list has split all: every image, with the checks of a list", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await Deno.remove(`${devkit}/ImageSets`, { recursive: true });
    await Deno.rename(`${devkit}/JPEGImages/2007_000002.jpg`, `${devkit}/JPEGImages/b 2.JPG`);
    await Deno.rename(
      `${devkit}/SegmentationClassAug/2007_000002.png`,
      `${devkit}/SegmentationClassAug/b 2.png`,
    );
    await Deno.writeTextFile(`${devkit}/JPEGImages/._2007_000001.jpg`, "no data");
    await Deno.writeTextFile(`${devkit}/JPEGImages/notes.txt`, "no data");
    const all = await open(folder, { labels: "masks" }, "all");
    await all.check({ mask: true });
    const names = Array.from({ length: all.length }, (_, i) => all.name(i));
    assertEquals(names, ["2007_000001", "2007_000003", "b 2"]);
    assertEquals((await all.read(2, { mask: true })).mask!.height, 31);
    await Deno.writeTextFile(`${devkit}/JPEGImages/2007_000001.png`, "");
    assertStringIncludes(
      await refusal(folder, { labels: "masks" }, "all"),
      "Cannot find the file of 2007_000001: there are",
    );
    await Deno.remove(`${devkit}/JPEGImages/2007_000001.png`);
    await Deno.remove(`${devkit}/SegmentationClassAug/2007_000003.png`);
    assertStringIncludes(
      await refusal(folder, { labels: "masks" }, "all"),
      "1 of 3 masks are missing: 2007_000003.png",
    );
    assertStringIncludes(
      await refusal(folder, { labels: "masks" }, "al"),
      '(did you mean "all"?)',
    );
  }));

Deno.test("voc12 reads a list that is named all", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await writeSplit(devkit, "all", ["2007_000003"]);
    assertEquals((await open(folder, { labels: "masks" }, "all")).length, 1);
  }));
