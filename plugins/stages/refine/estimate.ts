import type { StageEstimate, StagePlan } from "../../../core/contracts/stage.ts";
import { reducedSize } from "../infer/reduce.ts";
import { plannedOption, plannedSplit } from "../source.ts";

/** Images whose files are estimated, spread evenly over the split. */
const LOOKED_AT = 4;

/** Bytes a pixel of a mask's file, about: regions of one class compress well. */
const MASK_BYTES = 1 / 30;

/** Bytes of a score. */
const SCORE_BYTES = 4;

/**
 * What a stage that turns scores into masks will take: images and files.
 *
 * @param plan of the stage
 * @param from id of the stage that it reads
 * @param settings its own split, and whether it keeps scores
 * @returns nothing but a note where no split is known yet
 */
export async function estimateMasks(
  plan: StagePlan,
  from: string,
  settings: { readonly split?: string | undefined; readonly keepScores: boolean },
): Promise<StageEstimate> {
  const split = settings.split ?? await plannedSplit(plan, from);
  if (split === undefined) return { notes: [`the images are those of stage ${from}`] };
  const longSide = await plannedOption(plan, from, "longSide");
  const dataset = await plan.maker.create("dataset", plan.dataset, { split, base: plan.base });
  const images = dataset.length, looked = Math.min(LOOKED_AT, images);
  let writeBytes = 0;
  for (let i = 0; i < looked; i++) {
    const index = Math.floor(i * images / looked);
    const { image } = await dataset.read(index, { mask: false });
    const { width, height } = reducedSize(
      image,
      typeof longSide === "number" ? longSide : undefined,
    );
    const channels = 1 + dataset.label(index).filter((present) => present > 0).length;
    const scores = settings.keepScores ? channels * SCORE_BYTES * width * height : 0;
    writeBytes += (scores + MASK_BYTES * image.width * image.height) * images / looked;
  }
  return { reads: split, images, writeBytes };
}
