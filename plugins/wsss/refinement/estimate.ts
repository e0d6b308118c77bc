import type { StageEstimate, StagePlan } from "../../../core/contracts/stage.ts";
import { reduceLongSide } from "../inference/reduce.ts";
import { exampleImages } from "../inference/example_images.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import { bytesPerValue } from "../cams/cam_store.ts";
import type { ScoreStore } from "./score_store.ts";

/** Bytes per pixel of a mask's file, about: regions of one class compress well. */
export const MASK_BYTES = 1 / 30;

/** Says why the time of what is computed from scores is unknown, and what to do. */
export const UNTIMED =
  "time unknown: what is computed from scores is timed by runs alone; name an earlier one with --like";

/** What is computed from scores. */
export interface MaskSettings {
  /** Its own, where it is not that of the scores. */
  readonly split?: string | undefined;
  /** Whether refined scores are kept, too. */
  readonly keepScores: boolean;
  /** In which form. */
  readonly store?: ScoreStore | undefined;
}

/**
 * Estimates a stage that turns scores into masks: images and files.
 *
 * @param plan of the stage
 * @param from id of the stage that it reads
 * @param settings what it makes of the scores
 * @returns images and bytes
 */
export async function estimateMasks(
  plan: StagePlan,
  from: string,
  settings: MaskSettings,
): Promise<StageEstimate> {
  const { facts } = await plan.earlier(from, ARTIFACTS.cams, ARTIFACTS.masks);
  const { split = facts.split, store } = settings;
  const scoreBytes = bytesPerValue(store === "npy" ? "float32" : store);
  const dataset = await plan.factory.create("dataset", plan.dataset, { split, base: plan.base });
  const images = dataset.length, chosen = exampleImages(images);
  let writeBytes = 0;
  for (const index of chosen) {
    const { image: size } = await dataset.read(index, { mask: false });
    const image = reduceLongSide(size, facts.longSide);
    const present = dataset.label(index).filter((there) => there > 0).length;
    const scores = settings.keepScores
      ? (1 + present) * scoreBytes * image.width * image.height
      : 0;
    writeBytes += (scores + MASK_BYTES * size.width * size.height) * images / chosen.length;
  }
  return { reads: split, images, writeBytes, notes: [UNTIMED] };
}
