import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as fc from "fast-check";
import { isUserError } from "../../../core/errors.ts";
import { chooseSplit } from "../../../plugins/datasets/voc/choose_split.ts";
import { data } from "./data_command.ts";
import { openFolder, writePictures } from "./folder_files.ts";
import { inFolder, writeDevkit } from "./voc12_devkit.ts";
import { CAT, DOG, open } from "./voc12_open.ts";

const CLASSES = 5;

/** Images of one to three of five classes, of which the first is rare. */
const images = Array.from({ length: 400 }, (_, i) => ({
  name: `image${i}`,
  label: Array.from(
    { length: CLASSES },
    (_, c) => (c === 0 ? i % 40 === 0 : (i * 7 + c) % (c + 2) === 0) ? 1 : 0,
  ),
}));

Deno.test("data split: the same seed gives the same lists, whatever the order; another seed others", () => {
  for (const stratify of [false, true]) {
    const choice = { share: 0.25, seed: 3, stratify };
    const { train, val } = chooseSplit(images, choice);
    assertEquals([...train, ...val].sort(), images.map(({ name }) => name).sort());
    assertEquals(chooseSplit(images.toReversed(), choice), { train, val });
    assert(chooseSplit(images, { ...choice, seed: 4 }).val.join() !== val.join());
    assertEquals(val, val.toSorted());
  }
});

Deno.test("data split --stratify: every class has its share, where a plain draw has not", () => {
  const shares = (stratify: boolean, seed: number) => {
    const held = new Set(chooseSplit(images, { share: 0.2, seed, stratify }).val);
    return Array.from({ length: CLASSES }, (_, c) => {
      const all = images.filter(({ label }) => label[c] === 1);
      return all.filter(({ name }) => held.has(name)).length / all.length;
    });
  };
  const worst = (stratify: boolean) =>
    Math.max(
      ...[0, 1, 2, 3].flatMap((seed) => shares(stratify, seed).map((each) => Math.abs(each - 0.2))),
    );
  assert(worst(true) < 0.02, `${worst(true)}`);
  assert(worst(false) > 0.05, `${worst(false)}`);
  const size = chooseSplit(images, { share: 0.2, seed: 0, stratify: true }).val.length;
  assert(Math.abs(size - 80) <= 4, `${size}`);
});

Deno.test("data split keeps every image once, for any labels", () => {
  const label = fc.array(fc.constantFrom(0, 1), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(label, { minLength: 4, maxLength: 30 }), (labels) => {
      const given = labels.map((label, i) => ({ name: `${i}`, label }));
      const { train, val } = chooseSplit(given, { share: 0.5, seed: 1, stratify: true });
      assertEquals([...train, ...val].sort(), given.map(({ name }) => name).sort());
    }),
    { numRuns: 200, seed: 1 },
  );
  const one = [{ name: "a", label: [1] }];
  assertThrows(
    () => chooseSplit(one, { share: 0.2, seed: 0, stratify: true }),
    RangeError,
    "empty",
  );
  assertThrows(() => chooseSplit([], { share: 0.2, seed: 0, stratify: true }), RangeError, "empty");
});

async function refusal(args: readonly string[], dataset: string): Promise<string> {
  const error = await assertRejects(() => data(args, dataset));
  assert(isUserError(error), String(error));
  return error.message;
}

Deno.test("data split writes lists that voc12 reads, and overwrites none", () =>
  inFolder(async (folder) => {
    const names = Array.from({ length: 10 }, (_, i) => `a${i}`);
    const devkit = await writeDevkit(
      folder,
      names.map((name, i) => ({ name, classes: [0, i < 6 ? CAT : DOG] })),
    );
    const args = ["split", folder, "--val", "0.5", "--seed", "1", "--stratify"];
    const lists = `${devkit}/ImageSets/Segmentation`;
    assertStringIncludes(
      await refusal(args, "voc12"),
      `Cannot write ${lists}/train.txt: it is there`,
    );
    await Deno.remove(`${lists}/train.txt`);
    const { code, out } = await data(args, "voc12");
    assertEquals(code, 0);
    assertStringIncludes(out, "val: 5 images");
    assertStringIncludes(out, "cat 3");
    const val = await open(folder, { labels: "masks" }, "val");
    const train = await open(folder, { labels: "masks" }, "train");
    await val.check({ mask: true });
    assertEquals([train.length, val.length], [5, 5]);
    const before = await Deno.readTextFile(`${lists}/val.txt`);
    assertStringIncludes(await refusal([...args, "--seed", "2"], "voc12"), "not overwritten");
    assertEquals(await Deno.readTextFile(`${lists}/val.txt`), before);
    const other = await data([...args, "--out", `${folder}/mine`], "voc12");
    assertEquals(other.code, 0);
    assertEquals(await Deno.readTextFile(`${folder}/mine/val.txt`), before);
    assertStringIncludes(await refusal(["split", folder], "voc12"), "--val is missing");
    assertStringIncludes(await refusal(["split", folder, "--val", "1.5"], "voc12"), "--val is 1.5");
    assertStringIncludes(
      await refusal(["split", folder, "--val", "0.01", "--out", `${folder}/x`], "voc12"),
      "0 of 10 images would be held out",
    );
    await Deno.rename(`${devkit}/JPEGImages/a0.jpg`, `${devkit}/JPEGImages/a 0.jpg`);
    assertStringIncludes(
      await refusal(["split", folder, "--val", "0.5", "--out", `${folder}/x`], "voc12"),
      'Cannot list image "a 0"',
    );
  }));

Deno.test("data split and data check of data set folder", () =>
  inFolder(async (root) => {
    const paths = ["cat", "dog"].flatMap((c) => [1, 2, 3, 4].map((i) => `${c}/${c} ${i}.jpg`));
    await writePictures(root, paths);
    const { out } = await data(["split", root, "--val", "0.25", "--stratify"], "folder");
    assertStringIncludes(out, "train: 6 images; cat 3, dog 3\nval: 2 images; cat 1, dog 1");
    const val = await openFolder(root, {}, "val");
    await val.check({ mask: false });
    assertEquals(val.length, 2);
    const check = await data(["check", root], "folder");
    assertEquals(check.code, 0, check.out);
    assertStringIncludes(check.out, "No faults");
    await Deno.writeTextFile(`${root}/cat/cat 1.jpg`, "broken");
    const broken = await data(["check", root, "--json"], "folder");
    assertEquals(broken.code, 1);
    const { faults, splits } = JSON.parse(broken.out);
    assertEquals([faults.length, splits.length], [1, 2]);
    assertStringIncludes(
      await refusal(["check", root, "--labels", "x.txt"], "folder"),
      "Cannot check data:",
    );
    assertStringIncludes((await data(["help"], "folder")).out, "--stratify");
  }));
