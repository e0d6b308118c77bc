import { assertEquals, assertRejects } from "@std/assert";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { Registry } from "../../../core/registry/registry.ts";
import { mini } from "../../../plugins/datasets/mini.ts";
import { withMasks } from "../../../plugins/datasets/with_masks.ts";
import { writeMask } from "../../../plugins/images/mask_store.ts";

const registry = new Registry([mini, withMasks]);
const args = { split: "val[0:2]", base: "/" };

/** A folder with one mask of class 2 for every image, of a size. */
async function withFolder(size: number, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const inner = await registry.create("dataset", { use: "mini" }, args);
    for (let i = 0; i < inner.length; i++) {
      const data = new Uint8Array(size * size).fill(2);
      await writeMask(
        folder,
        inner.name(i),
        { width: size, height: size, channels: 1, data },
        writeAtomic,
      );
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const open = (masks: string) =>
  registry.create("dataset", { use: "with-masks", dataset: { use: "mini" }, masks }, args);

Deno.test("with-masks gives the images of one data set with the masks of a folder", async () => {
  const inner = await registry.create("dataset", { use: "mini" }, args);
  const { width } = (await inner.read(0, { mask: false })).image;
  await withFolder(width, async (folder) => {
    const dataset = await open(folder);
    await dataset.check({ mask: true });
    assertEquals([dataset.length, dataset.classes], [inner.length, inner.classes]);
    const sample = await dataset.read(1, { mask: true });
    assertEquals(sample.image, (await inner.read(1, { mask: false })).image);
    assertEquals(new Set(sample.mask!.data), new Set([2]));
    assertEquals(await dataset.readMask!(1), sample.mask);
    assertEquals((await dataset.read(1, { mask: false })).mask, undefined);
    const before = await dataset.fingerprint();
    await Deno.utime(`${folder}/${dataset.name(0)}.png`, 1, 1);
    assertEquals(await dataset.fingerprint() === before, false);
  });
});

Deno.test("with-masks names a mask that is missing, and one of another size", async () => {
  await withFolder(3, async (folder) => {
    const dataset = await open(folder);
    await assertRejects(
      () => dataset.read(0, { mask: true }),
      RangeError,
      "it is 3x3, its image is",
    );
    await Deno.remove(`${folder}/${dataset.name(1)}.png`);
    await assertRejects(() => dataset.check({ mask: true }), Deno.errors.NotFound, dataset.name(1));
    await dataset.check({ mask: false });
  });
});
