import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import { isUserError } from "../../../core/errors.ts";
import { decodePng } from "../../../plugins/images/png.ts";
import type { Use } from "../../../core/registry/plugin.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { voc12 } from "../../../plugins/datasets/voc12.ts";
import { exportStage } from "../../../plugins/stages/export.ts";
import { exportVocdevkit } from "../../../plugins/stages/export/vocdevkit.ts";

const registry = new Registry([mini, voc12, exportStage]);

const openMini = (split: string): Promise<Dataset> =>
  registry.create("dataset", { use: "mini" }, { split, base: "/" });

const openExported = async (root: string, split: string): Promise<Dataset> => {
  const { classes } = await openMini("train");
  const use = { use: "voc12", root, labels: "labels.json", classes: [...classes] };
  return await registry.create("dataset", use, { split, base: root });
};

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the stage as core does, with only what it reads. */
async function run(folder: string, options: Record<string, unknown>, dataset: Use<"dataset">) {
  const stage = await registry.create("stage", { run: "export", ...options } as never, undefined);
  const events: number[] = [];
  const shared = { id: "data", base: folder, dataset, factory: registry };
  const hashes = await stage.check(shared as unknown as StagePlan);
  const made = await stage.run({
    ...shared,
    folder,
    observers: { progress: ({ done }: { done: number }) => void events.push(done) },
  } as unknown as StageContext);
  return { hashes, made, events };
}

Deno.test("exportVocdevkit() writes what voc12 reads back, to the bit as PNG", () =>
  withFolder(async (folder) => {
    const train = await openMini("train[0:5]"), val = await openMini("val[7:9]");
    const written = await exportVocdevkit(`${folder}/mini`, {
      splits: { train, val },
      images: "png",
      masks: true,
    });
    assertEquals(written, 7);
    for (const [split, source] of Object.entries({ train, val })) {
      const back = await openExported(`${folder}/mini`, split);
      await back.check({ mask: true });
      assertEquals(back.length, source.length);
      for (let i = 0; i < source.length; i++) {
        assertEquals(await back.read(i, { mask: true }), await source.read(i, { mask: true }));
        assertEquals(back.label(i), source.label(i));
      }
    }
    const devkit = `${folder}/mini/VOCdevkit/VOC2012`;
    const mask = await Deno.readFile(`${devkit}/SegmentationClass/${val.name(0)}.png`);
    assertEquals(decodePng(mask, "mask").palette?.[1], [128, 0, 0]);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["mini"]);
  }));

Deno.test("exportVocdevkit() writes JPEG close to the pixels", () =>
  withFolder(async (folder) => {
    const train = await openMini("train[0:3]");
    await exportVocdevkit(`${folder}/mini`, { splits: { train }, images: "jpg", masks: true });
    const back = await openExported(`${folder}/mini`, "train");
    for (let i = 0; i < 3; i++) {
      const { image } = await train.read(i, { mask: false });
      const decoded = (await back.read(i, { mask: true })).image;
      let sum = 0, most = 0;
      image.data.forEach((value, p) => {
        const difference = Math.abs(value - decoded.data[p]!);
        sum += difference;
        most = Math.max(most, difference);
      });
      assert(most <= 6 && sum / image.data.length < 1, `off by ${most}, ${sum} in all`);
    }
  }));

Deno.test("exportVocdevkit() writes a picture of two splits once and leaves masks out on demand", () =>
  withFolder(async (folder) => {
    const all = await openMini("train[0:3]"), part = await openMini("train[1:2]");
    const counts: (readonly [number, number])[] = [];
    const written = await exportVocdevkit(`${folder}/mini`, {
      splits: { all, part },
      images: "png",
      masks: false,
      progress: (done, total) => void counts.push([done, total]),
    });
    assertEquals(written, 3);
    assertEquals(counts, [[1, 4], [2, 4], [3, 4], [4, 4]]);
    const devkit = `${folder}/mini/VOCdevkit/VOC2012`;
    assertEquals([...Deno.readDirSync(devkit)].map(({ name }) => name).sort(), [
      "ImageSets",
      "JPEGImages",
    ]);
    const list = await Deno.readTextFile(`${devkit}/ImageSets/Segmentation/part.txt`);
    assertEquals(list, `${part.name(0)}\n`);
  }));

Deno.test("exportVocdevkit() leaves an existing folder alone and replaces a part that was left", () =>
  withFolder(async (folder) => {
    const train = await openMini("train[0:1]");
    const what = { splits: { train }, images: "png", masks: true } as const;
    await Deno.mkdir(`${folder}/mini.partial`);
    await Deno.writeTextFile(`${folder}/mini.partial/left`, "over");
    await exportVocdevkit(`${folder}/mini`, what);
    assertEquals([...Deno.readDirSync(`${folder}/mini`)].map(({ name }) => name).sort(), [
      "VOCdevkit",
      "labels.json",
    ]);
    const error = await assertRejects(
      () => exportVocdevkit(`${folder}/mini`, what),
      Deno.errors.AlreadyExists,
      "name a folder that does not",
    );
    assert(isUserError(error));
  }));

Deno.test("export, the stage, writes the recipe's data set and can run again after a kill", () =>
  withFolder(async (folder) => {
    const options = { splits: { train: "train[0:2]", val: "val[0:1]" }, images: "png" };
    const first = await run(folder, options, { use: "mini" });
    assertEquals(first.made.info, { folder: `${folder}/data`, images: 3 });
    assertEquals(first.events, [1, 2, 3]);
    assertEquals(first.hashes.length, 2);
    assertEquals((await openExported(`${folder}/data`, "val")).name(0), "mini_0600");
    const again = await run(folder, options, { use: "mini" });
    assertEquals(again.made, first.made);
  }));

Deno.test("export, the stage, makes the folder that the recipe names", () =>
  withFolder(async (folder) => {
    const options = { splits: { few: "val[0:1]" }, to: `${folder}/named`, masks: false };
    const { made } = await run(folder, options, { use: "mini" });
    assertEquals(made.info["folder"], `${folder}/named`);
    await Deno.stat(`${folder}/named/VOCdevkit/VOC2012/JPEGImages/mini_0600.jpg`);
    await assertRejects(() => run(folder, options, { use: "mini" }), Deno.errors.AlreadyExists);
  }));

Deno.test("export, the stage, fails before it writes where a split is not there", () =>
  withFolder(async (folder) => {
    await assertRejects(
      () => run(folder, { splits: { train: "training" } }, { use: "mini" }),
      RangeError,
      "Cannot open split training",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
    assert(!exportStage.options.safeParse({ splits: { "../train": "train" } }).success);
  }));
