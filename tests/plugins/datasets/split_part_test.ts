import { assertEquals, assertRejects } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { openCoco, writeCoco } from "./coco_files.ts";
import { openFolder, writePictures } from "./folder_files.ts";
import { inFolder, writeDevkit } from "./voc12_devkit.ts";
import { IMAGES, open } from "./voc12_open.ts";

const namesOf = (dataset: Dataset) =>
  Array.from({ length: dataset.length }, (_, i) => dataset.name(i));

Deno.test("voc12: a split may be a part of a list, of a list elsewhere, and of all images", () =>
  inFolder(async (root) => {
    const devkit = await writeDevkit(root, IMAGES);
    const names = IMAGES.map(({ name }) => name);
    await Deno.writeTextFile(`${devkit}/mine.txt`, names.toReversed().join("\n"));
    const found = async (split: string) => namesOf(await open(root, { labels: "masks" }, split));
    assertEquals(await found("train[0:2]"), names.slice(0, 2));
    assertEquals(await found("train[1:]"), names.slice(1));
    assertEquals(await found("all[:1]"), names.slice(0, 1));
    assertEquals(await found(`${devkit}/mine.txt[:2]`), names.toReversed().slice(0, 2));
    for (const part of ["[2:2]", "[0:4]", "[5:]"]) {
      await assertRejects(
        () => found(`train${part}`),
        RangeError,
        `Cannot open split train${part}: the part must hold something within 0:3`,
      );
    }
  }));

Deno.test("folder and coco: a split may be a part, too", () =>
  inFolder(async (root) => {
    await writePictures(root, ["cat/a.jpg", "cat/b.jpg", "dog/c.jpg"]);
    await Deno.mkdir(`${root}/lists`);
    await Deno.writeTextFile(`${root}/lists/train.txt`, "c\na\nb\n");
    assertEquals(namesOf(await openFolder(root, {}, "all[1:3]")), ["b", "c"]);
    assertEquals(namesOf(await openFolder(root, {}, "train[:2]")), ["c", "a"]);
    await writeCoco(`${root}/coco`);
    const all = namesOf(await openCoco(`${root}/coco`));
    const part = await openCoco(`${root}/coco`, {}, "train2017[1:]");
    assertEquals(namesOf(part), all.slice(1));
  }));
