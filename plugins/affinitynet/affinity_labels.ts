import * as z from "zod";
import {
  checkFiles,
  type Dataset,
  definePlugin,
  finishedArtifact,
  plannedArtifact,
  type Raster,
  resizeNearest,
  type StageContext,
  type StagePlan,
  userError,
  withAction,
  writeMask,
} from "seamstress";
import {
  ARTIFACTS,
  checkImages,
  checkScores,
  estimateMasks,
  forEachPendingImage,
  MASKS,
  scoresOf,
  type ScoreSource,
} from "seamstress/wsss";
import { labelMask } from "./loss/label_mask.ts";

const options = z.strictObject({
  low: z.string().min(1).describe(
    "Earlier stage that keeps scores of a background of low power (4), which trusts only sure foreground",
  ),
  high: z.string().min(1).describe(
    "Earlier stage that keeps scores of a background of high power (24), which trusts only sure background",
  ),
  split: z.string().min(1).optional().describe("Split to label; that of low where not given"),
  square: z.int().min(1).max(64).default(8).describe(
    "Edge of the squares of pixels that scores are averaged over: the stride of the network that will learn from the labels",
  ),
});
type Options = z.output<typeof options>;

/** Finds the split of the scores. */
async function splitOf(from: string, plan: StagePlan): Promise<string> {
  return (await plan.earlier(from, ARTIFACTS.masks)).facts.split;
}

async function check({ low, high, split: wanted }: Options, plan: StagePlan) {
  const { factory, base } = plan;
  for (const from of [low, high]) await checkScores(plan, from, true);
  const split = wanted ?? await splitOf(low, plan);
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  for (const from of [low, high]) await checkImages(plan, from, dataset, split);
  return [await dataset.fingerprint()];
}

/** Checks that both stages used the same classes and the same size. */
function checkAlike(id: string, { low, high }: Options, a: ScoreSource, b: ScoreSource): void {
  const state = ({ classes, longSide }: ScoreSource) =>
    `classes ${classes.join(", ")} at long side ${longSide ?? "any"}`;
  if (state(a) === state(b)) return;
  throw userError(
    new RangeError(
      `Cannot run stage ${id}: stage "${low}" has ${state(a)}, stage "${high}" has ${state(b)}`,
    ),
  );
}

/** The mask of one image, of the image's own size. */
async function labelImage(
  index: number,
  { dataset, low, high, square }: {
    readonly dataset: Dataset;
    readonly low: ScoreSource;
    readonly high: ScoreSource;
    readonly square: number;
  },
): Promise<Raster> {
  const name = dataset.name(index);
  const [lowAlpha, highAlpha, original] = await Promise.all([
    low.read(name),
    high.read(name),
    low.longSide === undefined ? undefined : dataset.read(index, { mask: false }),
  ]);
  try {
    if (lowAlpha.classes.join() !== highAlpha.classes.join()) {
      throw userError(
        new RangeError(
          `the scores of low are of classes ${lowAlpha.classes.join(", ")}, ` +
            `those of high of ${highAlpha.classes.join(", ")}`,
        ),
      );
    }
    const mask = labelMask({ lowAlpha, highAlpha, classes: lowAlpha.classes }, square);
    const { width, height } = original?.image ?? mask;
    return width === mask.width && height === mask.height
      ? mask
      : resizeNearest(mask, width, height);
  } catch (error) {
    throw withAction(`Cannot label ${name}`, error);
  }
}

async function run(settings: Options, context: StageContext) {
  const { id, factory, base } = context;
  const low = scoresOf(context, settings.low), high = scoresOf(context, settings.high);
  checkAlike(id, settings, low, high);
  const split = settings.split ?? low.split;
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  for (const { folder, fileOf } of [low, high]) {
    await checkFiles("scores", folder, dataset, fileOf);
  }
  const { square } = settings;
  await forEachPendingImage(context, dataset, [], async (index, masks) => {
    const labels = await labelImage(index, { dataset, low, high, square });
    await writeMask(masks, dataset.name(index), labels, context.write);
  });
  return finishedArtifact(ARTIFACTS.masks, {
    masks: MASKS,
    split,
    dataset: context.dataset,
    base,
    classes: dataset.classes,
    images: dataset.length,
    square,
  }, { kind: "masks", path: `stages/${id}/${MASKS}` });
}

/** Labels AffinityNet's training images by the CRF scores of two backgrounds; see {@linkcode labelMask}. */
export const affinityLabelsStage = definePlugin({
  kind: "stage",
  name: "affinity-labels",
  summary: "scores refined with much and with little background → AffinityNet's label masks",
  options,
  create: (settings) => ({
    from: [settings.low, settings.high],
    check: (plan) => check(settings, plan),
    ranks: () => "any",
    shards: "images",
    gives: async (plan) =>
      plannedArtifact(ARTIFACTS.masks, {
        split: settings.split ?? await splitOf(settings.low, plan),
        keeps: ["partial-mask"],
        square: settings.square,
        squareOption: "square",
      }),
    estimate: (plan) =>
      estimateMasks(plan, settings.low, { split: settings.split, keepScores: false }),
    run: (context) => run(settings, context),
  }),
});
