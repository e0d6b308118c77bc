import * as z from "zod";
import {
  checkFiles,
  definePlugin,
  finishedArtifact,
  maskFile,
  plannedArtifact,
  type Raster,
  readMask,
  type StageContext,
  type StagePlan,
  userError,
  withAction,
  writeMask,
} from "seamstress";
import { ARTIFACTS, checkImages, estimateMasks, forEachPendingImage, MASKS } from "seamstress/wsss";

const IGNORED = 255;

const options = z.strictObject({
  foreground: z.string().min(1).describe(
    "Earlier stage whose masks trust only sure foreground: of CAMs above a high threshold (0.3)",
  ),
  background: z.string().min(1).describe(
    "Earlier stage whose masks trust only sure background: of CAMs above a low threshold (0.05)",
  ),
  split: z.string().min(1).optional().describe(
    "Split to label; that of foreground where not given",
  ),
});
type Options = z.output<typeof options>;

/**
 * Labels for IRN (Ahn, Cho & Kwak, CVPR 2019; author code jiwoon-ahn/irn, `step/cam_to_ir_label.py`): foreground where even a high
 * threshold finds it, background where neither threshold finds anything, elsewhere 255.
 *
 * @param foreground mask of the high threshold
 * @param background mask of the low one
 * @returns mask of their size
 * @throws {RangeError} where the sizes differ
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { confidentMask } from "./irn_labels.ts";
 * const mask = (...data: number[]) => ({ width: 4, height: 1, channels: 1, data: Uint8Array.from(data) });
 * assertEquals(confidentMask(mask(0, 0, 7, 7), mask(0, 7, 7, 0)).data, Uint8Array.of(0, 255, 7, 7));
 * ```
 */
export function confidentMask(foreground: Raster, background: Raster): Raster {
  const { width, height } = foreground;
  if (background.width !== width || background.height !== height) {
    throw userError(
      new RangeError(
        `the mask of foreground is ${width}x${height}, that of background ${background.width}x${background.height}`,
      ),
    );
  }
  const data = Uint8Array.from(foreground.data, (label, pixel) => {
    if (label > 0) return label;
    return background.data[pixel] === 0 ? 0 : IGNORED;
  });
  return { width, height, channels: 1, data };
}

async function splitOf({ split, foreground }: Options, plan: StagePlan): Promise<string> {
  return split ?? (await plan.earlier(foreground, ARTIFACTS.masks)).facts.split;
}

async function check(settings: Options, plan: StagePlan): Promise<readonly string[]> {
  const split = await splitOf(settings, plan);
  const dataset = await plan.factory.create("dataset", plan.dataset, { split, base: plan.base });
  for (const from of [settings.foreground, settings.background]) {
    await plan.earlier(from, ARTIFACTS.masks);
    await checkImages(plan, from, dataset, split);
  }
  return [await dataset.fingerprint()];
}

async function run(settings: Options, context: StageContext) {
  const { id, factory, base, write } = context;
  const sources = [settings.foreground, settings.background].map((from) => {
    const { folder, info } = context.artifact(from, ARTIFACTS.masks);
    return { folder: `${folder}/${info.masks}`, split: info.split };
  });
  const split = settings.split ?? sources[0]!.split;
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  for (const { folder } of sources) {
    await checkFiles("masks", folder, dataset, (name) => maskFile(folder, name));
  }
  const { classes } = dataset;
  await forEachPendingImage(context, dataset, [], async (index, masks) => {
    const name = dataset.name(index);
    const read = ({ folder }: typeof sources[number]) => readMask(folder, name, classes.length);
    const [foreground, background] = await Promise.all(sources.map(read));
    try {
      await writeMask(masks, name, confidentMask(foreground!, background!), write);
    } catch (error) {
      throw withAction(`Cannot label ${name}`, error);
    }
  });
  return finishedArtifact(ARTIFACTS.masks, {
    masks: MASKS,
    split,
    dataset: context.dataset,
    base,
    classes,
    images: dataset.length,
  }, { kind: "masks", path: `stages/${id}/${MASKS}` });
}

/** Labels IRN's training images by the masks of two thresholds; see {@linkcode confidentMask}. */
export const irnLabelsStage = definePlugin({
  kind: "stage",
  name: "irn-labels",
  summary: "masks of a high and of a low threshold → IRN's label masks",
  options,
  create: (settings) => ({
    from: [settings.foreground, settings.background],
    check: (plan) => check(settings, plan),
    ranks: () => "any",
    shards: "images",
    gives: async (plan) =>
      plannedArtifact(ARTIFACTS.masks, {
        split: await splitOf(settings, plan),
        keeps: ["partial-mask"],
      }),
    estimate: (plan) =>
      estimateMasks(plan, settings.foreground, { split: settings.split, keepScores: false }),
    run: (context) => run(settings, context),
  }),
});
