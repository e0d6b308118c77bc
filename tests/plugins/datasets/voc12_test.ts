import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isMistake } from "../../../core/errors.ts";
import { decodeJpeg } from "../../../core/image/jpeg.ts";
import { encodeIndexedPng, encodeRgbPng } from "../../../core/image/png.ts";
import { vocPalette } from "../../../core/image/voc_palette.ts";
import { Registry } from "../../../core/registry.ts";
import { voc12 } from "../../../plugins/datasets/voc12.ts";
import { testImage } from "../../core/image/encode_jpeg.ts";
import { inFolder, stripes, writeDevkit, writeSplit } from "./voc12_devkit.ts";
import { NPY } from "./voc12_npy.ts";

const CAT = 8, COW = 10, DOG = 12;
const IMAGES = [
  { name: "2007_000001", classes: [0, CAT] },
  { name: "2007_000002", width: 17, height: 31, classes: [DOG, COW, 0] },
  { name: "2007_000003", classes: [0] },
];

function open(
  folder: string,
  options: Record<string, unknown>,
  split = "train",
): Promise<Dataset> {
  const registry = new Registry([voc12]);
  return registry.create("dataset", { use: "voc12", root: folder, ...options }, {
    split,
    base: folder,
  });
}

/** Opens and checks; gives the error, which must be a user's mistake. */
async function refusal(
  folder: string,
  options: Record<string, unknown>,
  split?: string,
  want = { mask: false },
): Promise<string> {
  const error = await assertRejects(async () => {
    await (await open(folder, options, split)).check(want);
  });
  assert(isMistake(error), String(error));
  return error.message;
}

const presentIn = (dataset: Dataset, index: number) => {
  const label = dataset.label(index);
  return dataset.classes.filter((_, i) => label[i] === 1);
};

Deno.test("voc12 reads images, masks and labels of masks, whichever folder root is", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    for (const root of [folder, `${folder}/VOCdevkit`, devkit]) {
      const dataset = await open(root, { labels: "masks" });
      await dataset.check({ mask: true });
      assertEquals([dataset.length, dataset.classes.length], [3, 20]);
      assertEquals(dataset.name(1), "2007_000002");
      assertEquals(presentIn(dataset, 1), ["cow", "dog"]);
      assertEquals(presentIn(dataset, 2), []);
      const sample = await dataset.read(1, { mask: true });
      const jpeg = `${devkit}/JPEGImages/2007_000002.jpg`;
      assertEquals(sample.image, await decodeJpeg(await Deno.readFile(jpeg), jpeg));
      assertEquals(sample.mask, {
        width: 17,
        height: 31,
        channels: 1,
        data: stripes(17, 31, [DOG, COW, 0]),
      });
      assertEquals(sample.label, dataset.label(1));
      assertEquals((await dataset.read(0, { mask: false })).mask, undefined);
    }
  }));

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

Deno.test("voc12 reads lists of paths, as the SEAM authors write them, and lists elsewhere", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await Deno.rename(`${devkit}/SegmentationClassAug`, `${devkit}/Masks`);
    const lines = IMAGES.map(({ name }) => `/JPEGImages/${name}.jpg /Masks/${name}.png`);
    await writeSplit(devkit, "aug", ["", ...lines]);
    const listed = await open(folder, { labels: "masks" }, "aug");
    await listed.check({ mask: true });
    assertEquals(listed.name(2), "2007_000003");
    assertEquals(presentIn(listed, 0), ["cat"]);
    await Deno.writeTextFile(`${folder}/mine.txt`, "2007_000003\r\n2007_000001\r\n");
    const mine = await open(folder, { labels: "masks", masks: ["Masks"] }, "mine.txt");
    await mine.check({ mask: true });
    assertEquals([mine.name(0), mine.name(1)], ["2007_000003", "2007_000001"]);
  }));

Deno.test("voc12 falls back from SegmentationClassAug to SegmentationClass, image by image", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await Deno.mkdir(`${devkit}/SegmentationClass`);
    const [aug, official] = ["SegmentationClassAug", "SegmentationClass"].map((masks) =>
      `${devkit}/${masks}/2007_000002.png`
    );
    await Deno.rename(aug!, official!);
    const dataset = await open(folder, { labels: "masks" });
    await dataset.check({ mask: true });
    assertEquals(presentIn(dataset, 1), ["cow", "dog"]);
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
      "has [1, 0, 1], expected 2 times 0 or 1",
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

Deno.test("voc12 names what is missing, and what there is instead", () =>
  inFolder(async (folder) => {
    const labels = "masks";
    assertStringIncludes(
      await refusal(folder, { labels }),
      `looked in ${folder}, ${folder}/VOC2012, ${folder}/VOCdevkit/VOC2012`,
    );
    const devkit = await writeDevkit(folder, IMAGES);
    assertStringIncludes(
      await refusal(folder, { labels }, "trian"),
      'Cannot find split "trian" (did you mean "train"?)',
    );
    await writeSplit(devkit, "empty", ["", " "]);
    assertStringIncludes(
      await refusal(folder, { labels }, "empty"),
      "empty.txt: it lists no image",
    );
    await writeSplit(devkit, "twice", ["2007_000001", "2007_000002", "2007_000001"]);
    assertStringIncludes(
      await refusal(folder, { labels }, "twice"),
      "twice.txt:3: 2007_000001 is already in line 1",
    );
    await writeSplit(devkit, "odd", ["2007_000001 -1"]);
    assertStringIncludes(await refusal(folder, { labels }, "odd"), 'odd.txt:1: found "2007_000001');
    await writeSplit(devkit, "gone", ["x1", "2007_000001", "x2", "x3", "x4"]);
    assertStringIncludes(
      await refusal(folder, { labels }, "gone"),
      `4 of 5 images are missing: ${devkit}/JPEGImages/x1.jpg, ${devkit}/JPEGImages/x2.jpg`,
    );
    await Deno.remove(`${devkit}/SegmentationClassAug/2007_000002.png`);
    const unmasked = "1 of 3 masks are missing: 2007_000002.png; looked in";
    assertStringIncludes(await refusal(folder, { labels }), unmasked);
    await Deno.writeTextFile(
      `${folder}/labels.json`,
      JSON.stringify(Object.fromEntries(IMAGES.map(({ name }) => [name, ["cat"]]))),
    );
    const tabled = { labels: "labels.json" };
    assertStringIncludes(await refusal(folder, tabled, "train", { mask: true }), unmasked);
    const dataset = await open(folder, tabled);
    await dataset.check({ mask: false });
    await assertRejects(
      () => dataset.read(1, { mask: true }),
      Deno.errors.NotFound,
      "Cannot find a mask of 2007_000002",
    );
  }));

Deno.test("voc12 opens a test split, which has no masks and no labels, for its images alone", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await writeSplit(devkit, "test", ["2007_000001"]);
    await Deno.remove(`${devkit}/SegmentationClassAug/2007_000001.png`);
    await Deno.writeTextFile(`${folder}/labels.json`, "{}");
    for (const labels of ["masks", "xml", "labels.json"]) {
      assert(await refusal(folder, { labels }, "test"));
      const dataset = await new Registry([voc12]).create(
        "dataset",
        { use: "voc12", root: folder, labels },
        { split: "test", base: folder, unlabelled: true },
      );
      await dataset.check({ mask: false });
      const { image, label, mask } = await dataset.read(0, { mask: false });
      assertEquals([image.width, mask, Math.max(...label)], [24, undefined, 0]);
      assertEquals((await dataset.fingerprint()).length, 64);
    }
  }));

Deno.test("voc12 names the broken file when it reads a sample", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const dataset = await open(folder, { labels: "masks" });
    const [jpeg, png] = ["JPEGImages/2007_000001.jpg", "SegmentationClassAug/2007_000002.png"];
    const whole = await Deno.readFile(`${devkit}/${jpeg}`);
    await Deno.writeFile(`${devkit}/${jpeg}`, whole.subarray(0, whole.length >> 1));
    await assertRejects(
      () => dataset.read(0, { mask: false }),
      SyntaxError,
      `Cannot decode ${devkit}/${jpeg} as JPEG`,
    );
    const small = { width: 16, height: 31, channels: 1, data: stripes(16, 31, [CAT]) };
    await Deno.writeFile(`${devkit}/${png}`, encodeIndexedPng(small, vocPalette()));
    await assertRejects(
      () => dataset.read(1, { mask: true }),
      RangeError,
      `Cannot use mask ${devkit}/${png}: it is 16x31, its image`,
    );
    await Deno.writeFile(`${devkit}/${png}`, encodeRgbPng(testImage(17, 31)));
    await assertRejects(
      () => dataset.read(1, { mask: true }),
      RangeError,
      "found 3 channels, expected one of class numbers",
    );
    await Deno.remove(`${devkit}/JPEGImages/2007_000003.jpg`);
    await assertRejects(
      () => dataset.read(2, { mask: false }),
      Deno.errors.NotFound,
      `Cannot read ${devkit}/JPEGImages/2007_000003.jpg`,
    );
  }));

Deno.test("voc12 reads RGB PNG images too", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await Deno.remove(`${devkit}/JPEGImages/2007_000001.jpg`);
    const image = testImage(24, 16, 5);
    await Deno.writeFile(`${devkit}/JPEGImages/2007_000001.png`, encodeRgbPng(image));
    const dataset = await open(folder, { labels: "masks" });
    await dataset.check({ mask: true });
    assertEquals((await dataset.read(0, { mask: true })).image, image);
  }));

Deno.test("voc12 refuses wrong classes and labels before it reads anything", () =>
  inFolder(async (folder) => {
    await writeDevkit(folder, IMAGES);
    const cases = [
      [{ labels: "masks", classes: ["cat", "dgo"] }, 'class "dgo" (did you mean "dog"?)'],
      [{ labels: "masks", classes: ["cat", "cat"] }, 'Cannot use classes: "cat" is there twice'],
      [{ labels: "masks", classes: ["a"], vocabulary: ["b"] }, "the data's classes are b"],
      [{ labels: "mask" }, "expected masks, xml, or a file ending in .npy or .json"],
      [{ labels: "labels.csv" }, "labels.csv"],
    ] as const;
    for (const [options, message] of cases) {
      assertStringIncludes(await refusal(folder, options), message);
    }
  }));

Deno.test("voc12's fingerprint changes with names, labels, classes and file sizes, and else stays", () =>
  inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const write = (third: string[]) =>
      Deno.writeTextFile(
        `${folder}/labels.json`,
        JSON.stringify({ "2007_000001": ["cat"], "2007_000002": ["dog"], "2007_000003": third }),
      );
    await write([]);
    const labels = "labels.json";
    const print = async (options = {}, split = "train") =>
      await (await open(folder, { labels, ...options }, split)).fingerprint();
    const first = await print();
    assertEquals(await print(), first);
    assert(/^[0-9a-f]{64}$/.test(first));
    await write(["cow"]);
    assertNotEquals(await print(), first);
    await write([]);
    assertEquals(await print(), first);
    assertNotEquals(await print({ classes: ["cat", "dog"] }), first);
    await writeSplit(devkit, "other", ["2007_000002", "2007_000001", "2007_000003"]);
    assertNotEquals(await print({}, "other"), first);
    const jpeg = `${devkit}/JPEGImages/2007_000003.jpg`;
    await Deno.writeFile(jpeg, new Uint8Array(1), { append: true });
    assertNotEquals(await print(), first);
  }));
