import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Dataset } from "../../../core/contracts/dataset.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { plugins } from "../../../plugins/mod.ts";
import { exportVocdevkit } from "../../../plugins/stages/export/vocdevkit.ts";
import { madeCamsStage } from "./made_cams.ts";
import { planOf } from "./plan.ts";
import { withFolder } from "./scene.ts";

const registry = new Registry([...plugins, madeCamsStage]);
const WORLD = { use: "mini", size: 48 } as const;

const planIn = (base: string, stages: Record<string, Record<string, unknown>> = {}) =>
  planOf("export", { registry, dataset: WORLD, base, stages });

/** Bytes of the pictures in a folder. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of Deno.readDir(folder)) {
    bytes += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}

Deno.test("what an export will write is what it writes, about", async () => {
  await withFolder(async (base) => {
    const splits = { train: "train[0:9]", val: "val[0:3]" };
    const stage = await registry.create("stage", {
      run: "export",
      splits,
      images: "png",
    } as never, undefined);
    const { writeBytes, images } = await stage.estimate!(planIn(base));
    assertEquals(images, 12);
    const opened: Record<string, Dataset> = {};
    for (const [name, split] of Object.entries(splits)) {
      opened[name] = await registry.create("dataset", WORLD, { split, base });
    }
    await exportVocdevkit(`${base}/out`, { splits: opened, images: "png", masks: true });
    const devkit = `${base}/out/VOCdevkit/VOC2012`;
    const written = await sizeOf(`${devkit}/JPEGImages`) +
      await sizeOf(`${devkit}/SegmentationClass`);
    assertAlmostEquals(writeBytes! / written, 1, 0.2);
  });
});

Deno.test("what exported CAMs will take follows split, labels and size", async () => {
  await withFolder(async (base) => {
    const cams = { run: "made-cams", split: "val[0:10]", longSide: 16 };
    const stage = await registry.create("stage", {
      run: "export-cams",
      from: "cams",
    } as never, undefined);
    const { writeBytes, images, reads } = await stage.estimate!(planIn(base, { cams }));
    assertEquals([images, reads], [10, "val[0:10]"]);
    // One or two maps of 16x16 floats per image, and a header.
    const each = writeBytes! / 10 - 256;
    assertEquals(each >= 4 * 16 * 16 && each <= 2 * 4 * 16 * 16, true, `${each}`);
  });
});
