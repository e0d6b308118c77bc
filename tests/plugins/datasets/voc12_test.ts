import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { decodeJpeg } from "../../../plugins/images/jpeg.ts";
import { encodeRgbPng } from "../../../plugins/images/png.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { voc12 } from "../../../plugins/datasets/voc12.ts";
import { testImage } from "../images/encode_jpeg.ts";
import { inFolder, stripes, writeDevkit, writeSplit } from "./voc12_devkit.ts";
import { COW, DOG, IMAGES, open, presentIn, refusal } from "./voc12_open.ts";

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
