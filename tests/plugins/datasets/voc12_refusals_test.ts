import { assertRejects, assertStringIncludes } from "@std/assert";
import { encodeIndexedPng, encodeRgbPng } from "../../../plugins/images/png.ts";
import { vocPalette } from "../../../plugins/images/voc_palette.ts";
import { testImage } from "../images/encode_jpeg.ts";
import { inFolder, stripes, writeDevkit, writeSplit } from "./voc12_devkit.ts";
import { CAT, IMAGES, open, refusal } from "./voc12_open.ts";

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
