import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isUserError } from "../../../core/errors.ts";
import { encodeIndexedPng, encodeRgbPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { encodeNpyDict, type NdArray } from "../../../plugins/formats/numpy/npy.ts";
import { checkDevkit } from "../../../plugins/datasets/voc/check/devkit.ts";
import { formatCheck } from "../../../plugins/datasets/voc/check/format.ts";
import { ClassMap, VOC_CLASSES } from "../../../plugins/datasets/voc/classes.ts";
import { tableLabels } from "../../../plugins/datasets/voc/labels.ts";
import { encodeJpeg, testImage } from "../images/encode_jpeg.ts";
import { inFolder, stripes, writeDevkit, writeSplit } from "./voc12_devkit.ts";

const CAT = 8, DOG = 12, PERSON = 15;
const classes = new ClassMap(VOC_CLASSES, VOC_CLASSES, "background");
const IMAGES = [
  { name: "a", classes: [0, CAT] },
  { name: "b", width: 30, height: 20, classes: [DOG, PERSON, 0] },
  { name: "c", classes: [0] },
];

const check = (root: string, more: Partial<Parameters<typeof checkDevkit>[0]> = {}) =>
  checkDevkit({ root, classes, ...more });

const mask = (width: number, height: number, data: Uint8Array) =>
  encodeIndexedPng({ width, height, channels: 1, data }, vocPalette());

Deno.test("data check counts lists, sizes and classes", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    await writeSplit(devkit, "train", ["a"]);
    await writeSplit(devkit, "val", ["/JPEGImages/c.jpg /SegmentationClassAug/c.png", "b"]);
    const seen: number[] = [];
    const progress = (done: number, total: number) => void seen.push(done, total);
    const found = await check(folder, { progress });
    assertEquals(seen, [1, 3, 2, 3, 3, 3]);
    assertEquals(found.devkit, devkit);
    assertEquals(
      found.splits.map(({ hash, ...split }) => ({ ...split, hash: hash.length })),
      [
        { name: "train", images: 1, masks: 1, official: 1464, hash: 64 },
        { name: "val", images: 2, masks: 2, official: 1449, hash: 64 },
      ],
    );
    assertEquals([found.images, found.unlisted, found.sides, found.faults], [3, 0, [16, 30], []]);
    const of = (index: number) => found.classes[index - 1];
    assertEquals(of(CAT), { name: "cat", pixels: 12 * 16, masks: 1, labels: 0 });
    // The first column of each mask has no truth.
    assertEquals(of(DOG), { name: "dog", pixels: 9 * 20, masks: 1, labels: 0 });
    assertEquals(of(PERSON)!.pixels, 10 * 20);
    assertEquals(found.pixels, {
      background: 11 * 16 + 10 * 20 + 23 * 16,
      others: 0,
      ignored: 16 + 20 + 16,
    });
    const text = formatCheck(found);
    assertStringIncludes(text, "No faults");
    assertStringIncludes(text, "3 distinct images, sides 16 to 30; 52 mask pixels without truth");
    assert(/^train +1 +1 +1,464 +[0-9a-f]{12}$/m.test(text), text);
    assert(/^cat +1 +14\.59 %$/m.test(text), text);
  });
});

Deno.test("data check counts JPEGs whose stray bytes are passed over", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const path = `${devkit}/JPEGImages/a.jpg`;
    const jpeg = await Deno.readFile(path);
    assertEquals((await check(folder)).remarked, 0);
    await Deno.writeFile(path, Uint8Array.from([0xff, 0xd8, 1, 2, 3, ...jpeg.subarray(2)]));
    const found = await check(folder);
    assertEquals([found.remarked, found.faults], [1, []]);
    assertStringIncludes(formatCheck(found), "1 JPEGs have stray bytes or odd headers");
  });
});

Deno.test("data check's hash is that of the data, wherever they lie", async () => {
  await inFolder(async (folder) => {
    const hash = async (root: string) => (await check(root)).splits[0]!.hash;
    const devkit = await writeDevkit(`${folder}/one`, IMAGES);
    const first = await hash(devkit);
    assertEquals(await hash(await writeDevkit(`${folder}/two`, IMAGES)), first);
    const path = `${devkit}/SegmentationClassAug/a.png`;
    const data = stripes(24, 16, [0, CAT]);
    data[200] = CAT;
    await Deno.writeFile(path, mask(24, 16, data));
    const second = await hash(devkit);
    await writeSplit(devkit, "train", ["b", "a", "c"]);
    const third = await hash(devkit);
    await Deno.writeFile(`${devkit}/JPEGImages/c.jpg`, await encodeJpeg(testImage(24, 16, 9)));
    assertEquals(new Set([first, second, third, await hash(devkit)]).size, 4);
  });
});

Deno.test("data check lists every fault of every file in one go", async () => {
  const whole = stripes(24, 16, [0, CAT]);
  const damage: [string, (devkit: string) => Promise<void>, string][] = [
    ["a", (devkit) => Deno.remove(`${devkit}/JPEGImages/a.jpg`), "a.jpg: there is no such file"],
    ["b", async (devkit) => {
      const path = `${devkit}/JPEGImages/b.jpg`;
      await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, 300));
    }, "b.jpg as JPEG"],
    ["c", async (devkit) => {
      const path = `${devkit}/SegmentationClassAug/c.png`;
      await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, 80));
    }, "c.png as PNG"],
    ["d", (devkit) => {
      const data = whole.slice();
      data[30] = 33;
      return Deno.writeFile(`${devkit}/SegmentationClassAug/d.png`, mask(24, 16, data));
    }, "d.png: It holds class 33 (1 pixels); valid are 0 to 20, and 255"],
    [
      "e",
      (devkit) => Deno.writeFile(`${devkit}/SegmentationClassAug/e.png`, mask(16, 24, whole)),
      "e.png is 16x24, it is 24x16",
    ],
    ["f", (devkit) => {
      const rgb = encodeRgbPng({ width: 24, height: 16, channels: 3, data: new Uint8Array(1152) });
      return Deno.writeFile(`${devkit}/SegmentationClassAug/f.png`, rgb);
    }, "f.png: found 3 channels"],
    ["g", (devkit) => {
      const palette = [vocPalette()[0]!, vocPalette()[CAT]!];
      const data = whole.map((label) => label === CAT ? 1 : 0);
      const png = encodeIndexedPng({ width: 24, height: 16, channels: 1, data }, palette);
      return Deno.writeFile(`${devkit}/SegmentationClassAug/g.png`, png);
    }, "g.png: its palette has VOC's colour of class 8 at index 1"],
    ["h", (devkit) => Deno.remove(`${devkit}/SegmentationClassAug/h.png`), "h.jpg: It has no mask"],
  ];
  await inFolder(async (folder) => {
    const images = damage.map(([name]) => ({ name, classes: [0, CAT] }));
    const devkit = await writeDevkit(folder, [...images, { name: "z", classes: [0, CAT] }]);
    for (const [, change] of damage) await change(devkit);
    await writeSplit(devkit, "broken", ["a", "z", "a"]);
    await writeSplit(devkit, "val", ["z"]);
    const { faults, classes } = await check(folder);
    const lines = formatCheck(await check(folder)).split("\n");
    for (const [name, , message] of damage) {
      assertEquals(lines.filter((line) => line.includes(message)).length, 1, `${name}: ${message}`);
    }
    assert(lines.some((line) => line.includes("broken.txt:3: a is already in line 1")));
    assert(
      lines.includes("  val.txt: 1 of its images are also in train, such as z"),
      lines.join("\n"),
    );
    assertEquals(faults.length, damage.length + 2);
    // What could be read is counted all the same.
    assert(classes[CAT - 1]!.masks >= 3);
  });
});

Deno.test("data check compares labels with masks, and names images that lack one", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, IMAGES);
    const row = (...present: number[]): NdArray => ({
      type: "f4",
      shape: [20],
      data: Float32Array.from(VOC_CLASSES, (_, c) => present.includes(c + 1) ? 1 : 0),
    });
    const path = `${folder}/cls_labels.npy`;
    const with_ = async (rows: [string, NdArray][]) => {
      await Deno.writeFile(path, encodeNpyDict(new Map(rows)));
      return await check(folder, {
        labels: { from: path, labeller: await tableLabels(path, classes) },
      });
    };
    const full = await with_([["a", row(CAT)], ["b", row(DOG)], ["c", row()]]);
    assertEquals(full.labels, { from: path, compared: 3, different: 1 });
    assertEquals([full.splits[0]!.labels, full.faults], [3, []]);
    assertEquals(full.classes[PERSON - 1], { name: "person", pixels: 200, masks: 1, labels: 0 });
    assertStringIncludes(formatCheck(full), "the mask shows other classes in 1 of 3 images");

    const gap = await with_([["a", row(CAT)], ["b", row(DOG)]]);
    assertEquals(gap.splits[0]!.labels, 2);
    assertEquals(gap.faults.length, 1);
    assertStringIncludes(gap.faults[0]!.fault, "Cannot label c:");
    const wrong = await with_([["a", { ...row(), shape: [4], data: new Float32Array(4) }]]);
    assertEquals(wrong.splits[0]!.labels, 0);
    assertEquals(wrong.faults.length, 1, "labels of nothing at all are a fault, too");
    // A list of which nothing is labelled, nor has a mask, is meant so.
    await Deno.writeFile(`${devkit}/JPEGImages/t.jpg`, await encodeJpeg(testImage(24, 16, 1)));
    await writeSplit(devkit, "test", ["t"]);
    const test = await with_([["a", row(CAT)], ["b", row(DOG)], ["c", row()]]);
    assertEquals(test.faults, []);
    const { masks, labels } = test.splits.find(({ name }) => name === "test")!;
    assertEquals([masks, labels], [0, 0]);
  });
});

Deno.test("data check takes data without lists and with classes of their own", async () => {
  await inFolder(async (folder) => {
    const devkit = await writeDevkit(folder, [{ name: "x", classes: [0, 1, 2] }]);
    await Deno.remove(`${devkit}/ImageSets`, { recursive: true });
    await Deno.rename(`${devkit}/SegmentationClassAug`, `${devkit}/labels`);
    const own = new ClassMap(["tumour", "vessel"], ["tumour", "vessel"], "background");
    const found = await check(devkit, { classes: own, masks: "labels" });
    const [split] = found.splits;
    assertEquals([split!.name, split!.images, split!.masks], [
      "(no list: all images)",
      1,
      1,
    ]);
    assertEquals(found.classes.map(({ name, masks }) => [name, masks]), [["tumour", 1], [
      "vessel",
      1,
    ]]);
    assertEquals(found.faults, []);
    await Deno.remove(`${devkit}/JPEGImages/x.jpg`);
    const empty = await assertRejects(
      () => check(devkit),
      Deno.errors.NotFound,
      "holds no picture",
    );
    assert(isUserError(empty));
    const none = await assertRejects(() => check(`${folder}/nowhere`), Deno.errors.NotFound);
    assert(isUserError(none));
  });
});
