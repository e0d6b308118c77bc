import * as z from "zod";
import {
  type ArtifactKind,
  type Dataset,
  defineArtifact,
  definePlugin,
  filePath,
  finishedArtifact,
  plannedArtifact,
  resolvePath,
  type StageContext,
  type StagePlan,
} from "seamstress";
import { estimateFiles } from "./export/estimate.ts";
import { removeIfThere } from "./export/new_folder.ts";
import { encodePicture, exportVocdevkit } from "./export/vocdevkit.ts";

/** A data set as files. */
const VOCDEVKIT: ArtifactKind<"vocdevkit", { readonly folder: string; readonly images: number }> =
  defineArtifact({
    name: "vocdevkit",
    info: z.object({ folder: z.string(), images: z.number() }),
  });

const options = z.strictObject({
  splits: z.record(
    z.string().regex(/^[\w-]+$/, "expected letters, digits, _ and -"),
    z.string().min(1),
  ).default({ train: "train", val: "val" })
    .describe("Name of the list to write → split of the data set"),
  to: filePath().optional()
    .describe("Folder to make, which must not exist; data in the stage's own folder by default"),
  images: z.enum(["jpg", "png"]).default("jpg")
    .describe("jpg as VOC has it, a few levels off; png to the bit"),
  masks: z.boolean().default(true).describe("Whether to write masks too"),
});

/** Opens every split to export. */
async function open(
  splits: Readonly<Record<string, string>>,
  { factory, dataset, base }: Pick<StagePlan | StageContext, "factory" | "dataset" | "base">,
): Promise<Record<string, Dataset>> {
  const opened: Record<string, Dataset> = {};
  for (const [name, split] of Object.entries(splits)) {
    opened[name] = await factory.create("dataset", dataset, { split, base });
  }
  return opened;
}

/** Stage `export`: writes the recipe's data set as files. */
export const exportStage = definePlugin({
  kind: "stage",
  name: "export",
  summary: "writes the data set in VOCdevkit layout, with labels.json",
  options,
  create: ({ splits, to, images, masks }) => ({
    from: [],
    gives: () => plannedArtifact(VOCDEVKIT, {}),
    async check(plan) {
      const opened = Object.values(await open(splits, plan));
      for (const dataset of opened) await dataset.check({ mask: masks });
      return await Promise.all(opened.map((dataset) => dataset.fingerprint()));
    },
    estimate: async (plan) =>
      await estimateFiles(await open(splits, plan), {
        mask: masks,
        bytes: async (sample) => {
          const { image, mask } = await encodePicture(sample, { images, masks });
          return image.length + (mask?.length ?? 0);
        },
      }),
    async run(context) {
      const own = `${context.folder}/data`;
      // What a run that was killed here left behind may go; a folder that the user named may not.
      if (!to) await removeIfThere(own);
      const folder = to ? resolvePath(context.base, to) : own;
      const written = await exportVocdevkit(folder, {
        splits: await open(splits, context),
        images,
        masks,
        progress: (done, total) =>
          context.observers.progress({ stage: context.id, done, total, unit: "images" }),
      });
      return finishedArtifact(VOCDEVKIT, { folder, images: written });
    },
  }),
});
