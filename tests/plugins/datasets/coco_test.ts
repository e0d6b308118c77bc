import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { isUserError } from "../../../core/errors.ts";
import { scanAnnotations } from "../../../plugins/datasets/coco/annotation_file.ts";
import { parseSegmentation } from "../../../plugins/datasets/coco/segmentation.ts";
import { changed, cocoRefusal, INSTANCES, openCoco, writeCoco } from "./coco_files.ts";
import { data } from "./data_command.ts";
import { inFolder } from "./voc12_devkit.ts";

/** Rows of a mask. */
async function rowsOf(dataset: Dataset, index: number): Promise<readonly string[]> {
  const { width, data } = await dataset.readMask!(index);
  return Array.from(
    { length: data.length / width },
    (_, y) =>
      [...data.slice(y * width, (y + 1) * width)].map((value) => value === 255 ? "x" : value).join(
        "",
      ),
  );
}

const DOG_ON_TOP = ["022220", "021120", "021120", "022220"];
const PERSON_ON_TOP = ["022220", "022220", "022220", "022220"];

Deno.test("coco: classes are the categories in order of id; labels and masks are made of objects", () =>
  inFolder(async (root) => {
    await writeCoco(root);
    const all = await openCoco(root);
    await all.check({ mask: true });
    assertEquals(all.classes, ["person", "dog", "toothbrush"]);
    assertEquals(Array.from({ length: all.length }, (_, i) => all.name(i)), [
      "000000000009",
      "000000000025",
    ]);
    assertEquals([[...all.label(0)], [...all.label(1)]], [[1, 1, 0], [1, 0, 1]]);
    const { image, mask } = await all.read(1, { mask: true });
    assertEquals([image.width, image.height, mask!.width, mask!.height], [6, 4, 6, 4]);
    assertEquals(await rowsOf(all, 0), ["011110", "012210", "012210", "011110"]);
    // The crowd is ignored, but where an object was told apart.
    assertEquals(await rowsOf(all, 1), Array(4).fill("0x3xx0"));
  }));

Deno.test("coco: whose a pixel of several objects is", () =>
  inFolder(async (root) => {
    await writeCoco(root);
    const classes = ["dog", "person"];
    const rows = async (options: Record<string, unknown>, index = 0) =>
      await rowsOf(await openCoco(root, { classes, ...options }), index);
    assertEquals(await rows({}), DOG_ON_TOP);
    assertEquals(await rows({ overlaps: "first" }), DOG_ON_TOP);
    assertEquals(await rows({ overlaps: "last" }), PERSON_ON_TOP);
    assertEquals(await rows({ overlaps: "ignore" }), ["022220", "02xx20", "02xx20", "022220"]);
    // Other classes are background, also before a crowd of a class; or they are ignored.
    assertEquals(await rows({}, 1), Array(4).fill("0x0xx0"));
    assertEquals(await rows({ others: "ignore" }, 1), Array(4).fill("0xxxx0"));
    assertEquals(await rows({ classes: ["toothbrush"] }, 1), Array(4).fill("001000"));
    const one = await openCoco(root, { classes: ["dog"] });
    assertEquals([[...one.label(0)], [...one.label(1)]], [[1], [0]]);
  }));

Deno.test("coco: splits are annotation files, or lists of one file's images, or all of them", () =>
  inFolder(async (root) => {
    await writeCoco(root);
    const annotations = "annotations/instances_train2017.json";
    await Deno.mkdir(`${root}/lists`);
    await Deno.writeTextFile(`${root}/lists/val.txt`, "000000000025\n");
    assertEquals((await openCoco(root, { annotations }, "all")).length, 2);
    const val = await openCoco(root, { annotations }, "val");
    assertEquals([val.length, val.name(0), ...val.label(0)], [1, "000000000025", 1, 0, 1]);
    await Deno.mkdir(`${root}/images`);
    await Deno.rename(`${root}/train2017`, `${root}/images/train2017`);
    const { image } = await (await openCoco(root)).read(0, { mask: false });
    assertEquals(image.width, 6);
    await Deno.rename(
      `${root}/images/train2017/000000000009.jpg`,
      `${root}/images/train2017/000000000009.JPG`,
    );
    await (await openCoco(root)).check({ mask: true });
    assertStringIncludes(
      await cocoRefusal(root, {}, "trian2017"),
      '(did you mean "train2017"?): files there: instances_train2017.json',
    );
    await Deno.writeTextFile(`${root}/lists/odd.txt`, "000000000025\n7\n");
    assertStringIncludes(
      await cocoRefusal(root, { annotations }, "odd"),
      `1 of 2 images are missing: ${root}/images/train2017/7.jpg (not in`,
    );
    await Deno.remove(`${root}/images/train2017/000000000025.jpg`);
    assertStringIncludes(await cocoRefusal(root), "1 of 2 images are missing");
    await Deno.symlink(`${root}/gone.jpg`, `${root}/images/train2017/000000000025.jpg`);
    assertStringIncludes(await cocoRefusal(root), "1 of 2 images are missing");
    await Deno.remove(`${root}/images`, { recursive: true });
    assertStringIncludes(await cocoRefusal(root), `looked for ${root}/train2017, ${root}/images`);
  }));

Deno.test("coco: files of test images have no annotations, and need none", () =>
  inFolder(async (root) => {
    const { annotations: _, ...rest } = INSTANCES;
    await writeCoco(root, rest);
    assertStringIncludes(await cocoRefusal(root), "instances_train2017.json has no annotations");
    const images = await openCoco(root, {}, "train2017", true);
    await images.check({ mask: false });
    assertEquals([...images.label(0)], [0, 0, 0]);
    const dataset = await openCoco(root);
    await assertRejects(() => dataset.check({ mask: false }), RangeError, "has no annotations");
  }));

Deno.test("coco: the file is read in pieces of any size", () => {
  const bytes = new TextEncoder().encode(JSON.stringify(INSTANCES, null, 2));
  const read = (most: number) => {
    let at = 0;
    return scanAnnotations((into) => {
      const piece = bytes.subarray(at, at + most);
      into.set(piece);
      at += piece.length;
      return piece.length;
    }, "a.json");
  };
  const whole = read(1 << 16);
  for (const most of [1, 2, 7, 100]) {
    const file = read(most);
    assertEquals(file.categories, ["person", "dog", "toothbrush"]);
    for (const i of [0, 1]) assertEquals(file.objectsOf(i), whole.objectsOf(i));
  }
  for (const { start, length } of whole.objectsOf(1)) {
    const text = new TextDecoder().decode(bytes.subarray(start, start + length));
    assert("runs" in parseSegmentation(text, { height: 4, width: 6 }));
  }
  const error = assertThrows(() => scanAnnotations(() => 0, "empty.json"));
  assert(isUserError(error), String(error));
});

Deno.test("coco: the fingerprint sees objects, classes and the making of masks", () =>
  inFolder(async (root) => {
    await writeCoco(root);
    const hash = async (options = {}) => await (await openCoco(root, options)).fingerprint();
    const before = await hash();
    assertEquals(await hash(), before);
    assertNotEquals(await hash({ classes: ["dog"] }), before);
    assertNotEquals(await hash({ overlaps: "last" }), before);
    await writeCoco(root, changed({}));
    assertNotEquals(await hash(), before);
  }));

Deno.test("data check and data split of data set coco", () =>
  inFolder(async (root) => {
    await writeCoco(root);
    const good = await data(["check", root, "--json"], "coco");
    assertEquals(good.code, 0, good.out);
    const { splits, classes, labels, pixels } = JSON.parse(good.out);
    assertEquals([splits[0].name, splits[0].images, splits[0].masks], ["train2017", 2, 2]);
    assertEquals(classes[1], { name: "dog", pixels: 4, masks: 1, labels: 1 });
    assertEquals([labels.compared, labels.different, pixels.ignored], [2, 1, 12]);
    const annotations = ["--annotations", "annotations/instances_train2017.json"];
    const split = await data(["split", root, "--val", "0.5", "--stratify", ...annotations], "coco");
    assertStringIncludes(split.out, "val: 1 images");
    const val = await openCoco(root, { annotations: annotations[1]! }, "val");
    assertEquals(val.length, 1);
    await assertRejects(
      () => data(["split", root, "--val", "0.5"], "coco"),
      TypeError,
      "--annotations FILE",
    );
    await writeCoco(root, changed({ segmentation: [[1, 2]] }));
    await Deno.utime(`${root}/annotations/instances_train2017.json`, 1, 1);
    const bad = await data(["check", root], "coco");
    assertEquals(bad.code, 1);
    assertStringIncludes(bad.out, "a polygon has 2 numbers");
  }));
