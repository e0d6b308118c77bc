import { assertEquals, assertRejects } from "@std/assert";
import * as z from "zod";
import { plannedArtifact } from "../../../core/contracts/artifact.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import { refusing, runScene, withFolder } from "../stages/scene.ts";
import { affinity, labels, plugins, scored, SPLIT } from "./setup.ts";

Deno.test("affinity training refuses, before anything runs, labels of squares that are not its network's stride", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, { plugins });
    const { square: _, ...defaults } = labels();
    for (const [stage, square] of [[labels({ square: 2 }), 2], [defaults, 8]] as const) {
      await refuse(
        [...scored(), stage, affinity()],
        RangeError,
        `Cannot plan stage aff: stage "labels" labels squares of ${square} pixels, but the ` +
          "network's pixels are 4 apart; set labels.square to 4",
      );
    }
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("affinity training refuses, before anything runs, crops whose map has no pairs of pixels", async () => {
  await withFolder(async (folder) => {
    const refuse = refusing(folder, { plugins });
    const cropped = (size: number) => [
      ...scored(),
      labels(),
      affinity({ transforms: ["normalize", { use: "random-crop", size }] }),
    ];
    await refuse(
      cropped(16),
      RangeError,
      "Cannot plan stage aff: affinities cannot be learned from images of 16x16 pixels: their feature " +
        "map of 4x4 has no pairs of pixels; it needs 5x5, which images of 17x17 pixels give",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
    await runScene(folder, cropped(17), { plugins });
  });
});

/** Says that its labels are of squares, as an outside stage of another name would. */
const blocksStage = definePlugin({
  kind: "stage",
  name: "blocks",
  summary: "labels of blocks",
  options: z.strictObject({ edge: z.int() }),
  create: ({ edge }) => ({
    from: [],
    check: () => Promise.resolve([]),
    gives: () =>
      plannedArtifact(ARTIFACTS.masks, { split: SPLIT, keeps: ["partial-mask"], square: edge }),
    run: () => Promise.reject(new Error("the plan passed")),
  }),
});

Deno.test("affinity training knows squares by what a stage says of its masks, whatever the stage is called", async () => {
  await withFolder(async (folder) => {
    const plan = (edge: number) =>
      runScene(folder, [{ id: "made", run: "blocks", edge }, affinity({ masks: "made" })], {
        plugins: [blocksStage],
      });
    await assertRejects(
      () => plan(2),
      RangeError,
      'Cannot plan stage aff: stage "made" labels squares of 2 pixels, but the network\'s pixels are 4 apart',
    );
    await assertRejects(() => plan(4), Error, "the plan passed");
  });
});
