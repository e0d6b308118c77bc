import { finishedArtifact, plannedArtifact } from "../../../core/contracts/artifact.ts";
import { ARTIFACTS } from "../../../plugins/wsss/stages/artifacts.ts";
import * as z from "zod";
import { DEFAULT_LIMITS } from "../../../core/recipe/limits.ts";
import { writeMask } from "../../../plugins/images/mask_store.ts";
import { definePlugin } from "../../../core/registry/plugin.ts";
import { refusing, runScene, withFolder } from "./scene.ts";

const SIDE = 32, SPLIT = "train[0:2]";

/** Leaves masks of background and one object. */
const masksStage = definePlugin({
  kind: "stage",
  name: "halves",
  summary: "",
  options: z.strictObject({}),
  create: () => ({
    from: [],
    gives: () => plannedArtifact(ARTIFACTS.masks, { split: SPLIT, keeps: ["mask"] }),
    check: () => Promise.resolve([]),
    run: async ({ folder, factory, dataset: use, base, write }) => {
      const dataset = await factory.create("dataset", use, { split: SPLIT, base });
      const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => i % 2);
      await Deno.mkdir(`${folder}/png`, { recursive: true });
      for (let i = 0; i < dataset.length; i++) {
        const mask = { width: SIDE, height: SIDE, channels: 1, data };
        await writeMask(`${folder}/png`, dataset.name(i), mask, write);
      }
      return finishedArtifact(ARTIFACTS.masks, {
        masks: "png",
        split: SPLIT,
        dataset: use,
        base,
        classes: dataset.classes,
      });
    },
  }),
});

const halves = { id: "halves", run: "halves" };
const metric = { use: "miou", predictions: "masks" };

/** Stages that read masks from files. */
const READERS = {
  "evaluate of a stage's masks": (_: string) => ({
    run: "evaluate",
    from: "halves",
    split: SPLIT,
    metric,
  }),
  "evaluate of a folder": (folder: string) => ({
    run: "evaluate",
    masks: `${folder}/halves/png`,
    split: SPLIT,
    metric,
  }),
  "export-test": (_: string) => ({ run: "export-test", from: "halves" }),
  train: (_: string) => ({
    run: "train",
    split: SPLIT,
    masks: "halves",
    backbone: "tiny",
    head: {
      use: "affinity",
      low: "t3",
      mid: "t4",
      lowChannels: 4,
      midChannels: 4,
      deepChannels: 8,
    },
    method: "affinity",
    losses: ["affinity"],
    optimizer: { use: "sgd", lr: 0.1, momentum: 0, schedule: "constant" },
    batch: { size: 2 },
    epochs: 1,
    workers: 0,
    transforms: ["normalize"],
  }),
};

for (const [name, stage] of Object.entries(READERS)) {
  Deno.test(`a mask of more pixels than the recipe's limit is refused: ${name}`, async () => {
    await withFolder(async (folder) => {
      const stages = [halves, { id: "reads", ...stage(folder) }];
      const limited = (pixels: number) => ({
        plugins: [masksStage],
        limits: { ...DEFAULT_LIMITS, pixels },
      });
      await runScene(folder, [halves], limited(SIDE * SIDE));
      const refuses = refusing(folder, limited(SIDE * SIDE - 1));
      await refuses(
        stages,
        Error,
        "its header states 32x32, 1,024 pixels, at most 1,023 are valid",
      );
      await runScene(folder, stages, limited(SIDE * SIDE));
    });
  });
}
