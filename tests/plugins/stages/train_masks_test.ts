import { finishedArtifact, plannedArtifact } from "../../../core/contracts/artifact.ts";
import { writeAtomic } from "../../../core/run/atomic.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as z from "zod";
import { isUserError } from "../../../core/errors.ts";
import { maskFile, writeMask } from "../../../plugins/images/mask_store.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { network, refusing, runScene, withFolder } from "./scene.ts";

const SIZE = 32;
const SPLIT = "train[0:4]";

/** Leaves masks whose class depends on an option, of some images in another size or with another class. */
const masksStage = definePlugin({
  kind: "stage",
  name: "halves",
  summary: "masks of two halves",
  options: z.strictObject({
    split: z.string(),
    label: z.int().default(1),
    side: z.int().default(SIZE),
    skip: z.array(z.string()).default([]),
    broken: z.boolean().default(false),
  }),
  create: ({ split, label, side, skip, broken }) => ({
    from: [],
    gives: () => plannedArtifact(ARTIFACTS.masks, { split, keeps: ["mask"] }),
    check: () => Promise.resolve([]),
    run: async ({ folder, factory, dataset: use, base }) => {
      const dataset = await factory.create("dataset", use, { split, base });
      const data = Uint8Array.from(
        { length: side * side },
        (_, i) => i % side < side / 2 ? label : 0,
      );
      await Deno.mkdir(`${folder}/png`, { recursive: true });
      for (let i = 0; i < dataset.length; i++) {
        const name = dataset.name(i);
        if (skip.includes(name)) continue;
        // Written by other means than the project's: broken from the beginning, not damaged later.
        const written = broken ? await Deno.makeTempDir() : `${folder}/png`;
        await writeMask(
          written,
          name,
          { width: side, height: side, channels: 1, data },
          writeAtomic,
        );
        if (broken) {
          const whole = await Deno.readFile(maskFile(written, name));
          await Deno.writeFile(maskFile(`${folder}/png`, name), whole.subarray(0, 60));
          await Deno.remove(written, { recursive: true });
        }
      }
      return finishedArtifact(ARTIFACTS.masks, {
        masks: "png",
        split,
        dataset: use,
        base,
        classes: dataset.classes,
      });
    },
  }),
});

const train = (options: Record<string, unknown> = {}) => ({
  id: "aff",
  run: "train",
  split: SPLIT,
  backbone: "tiny",
  head: { use: "affinity", low: "t3", mid: "t4", lowChannels: 4, midChannels: 4, deepChannels: 8 },
  method: "affinity",
  losses: ["affinity"],
  optimizer: { use: "sgd", lr: 0.1, momentum: 0, schedule: "constant" },
  batch: { size: 4 },
  epochs: 1,
  workers: 0,
  transforms: ["flip", "normalize"],
  ...options,
});

const plugins = [masksStage];

/** Trains on masks; gives the weights that come of it. */
async function trained(
  folder: string,
  masks: Record<string, unknown> | undefined,
  options: Record<string, unknown> = {},
): Promise<Uint8Array> {
  const halves = masks && { id: "halves", run: "halves", split: SPLIT, ...masks };
  const stages = halves ? [halves, train({ masks: "halves", ...options })] : [train(options)];
  const { artifacts } = await runScene(folder, stages, { plugins });
  return await Deno.readFile(`${folder}/aff/${artifacts.get("aff")!.info["weights"]}`);
}

Deno.test("train learns from the masks of an earlier stage, in Workers or not, else from the data set's", async () => {
  await withFolder(async (folder) => {
    const halves = await trained(`${folder}/a`, {});
    assertEquals(await trained(`${folder}/b`, {}, { workers: 2 }), halves);
    // Labels that say nothing teach nothing; the data set's teach something else.
    const ignored = await trained(`${folder}/c`, { label: 255 });
    const own = await trained(`${folder}/d`, undefined);
    assertNotEquals(ignored, halves);
    assertNotEquals(own, halves);
    assertNotEquals(own, ignored);
    // A stage with more images than are trained on does.
    assertEquals(await trained(`${folder}/e`, { split: "train[0:9]" }), halves);
    // Masks that are made again are learned from again.
    assertEquals(await trained(`${folder}/a`, { label: 255 }), ignored);
  });
});

Deno.test("train refuses masks before anything runs where the stage, its kind, its images or the method do not fit", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, { plugins });
    const halves = { id: "halves", run: "halves", split: SPLIT };
    await refuse([train({ masks: "halves" })], RangeError, 'no earlier stage "halves"');
    await refuse(
      [network("net", "cam"), train({ masks: "net" })],
      TypeError,
      'Cannot plan stage aff: it reads masks from stage "net", which runs untrained and gives checkpoint',
    );
    await refuse(
      [{ ...halves, split: "train[0:3]" }, train({ masks: "halves" })],
      RangeError,
      "Cannot plan stage aff: image mini_0003 of its split train[0:4] is not among the 3 of stage " +
        '"halves", split train[0:3]',
    );
    await refuse(
      [
        halves,
        train({
          masks: "halves",
          head: "cam",
          method: "classification-cam",
          losses: ["classification"],
        }),
      ],
      TypeError,
      'it is to learn from masks of stage "halves", but method classification-cam learns from ' +
        "image labels only",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("train names masks that are missing before its first step, and the first that cannot be used", async () => {
  const cases: [Record<string, unknown>, new () => Error, string][] = [
    [{ skip: ["mini_0002"] }, Deno.errors.NotFound, "1 of 4 are missing"],
    [{ side: 31 }, RangeError, "it is 31x31, its image is 32x32"],
    [{ label: 7 }, RangeError, "it holds class 7, the data set has 0 to 6"],
    [{ broken: true }, SyntaxError, ".png as PNG"],
  ];
  for (const [masks, type, message] of cases) {
    await withFolder(async (folder) => {
      const error = await assertRejects(() => trained(folder, masks), type, message);
      assert(isUserError(error), "a trace would be printed");
      assert(error.message.includes(`${folder}/halves/png/mini_000`), error.message);
    });
  }
});
