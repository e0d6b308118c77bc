import type { StageEstimate, StagePlan } from "../../../core/contracts/stage.ts";
import { reduceLongSide } from "../inference/reduce.ts";
import { exampleImages } from "../inference/example_images.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import type { Subject } from "./rehearse.ts";
import { checkScores } from "./score_source.ts";

/** Bytes per pixel of a mask's file, about: regions of one class compress well. */
const MASK_BYTES = 1 / 30;

/** Bytes of a score. */
const SCORE_BYTES = 4;

/** What is computed from scores. */
export interface MaskSettings {
  /** Its own, where it is not that of the scores. */
  readonly split?: string | undefined;
  /** Whether refined scores are kept, too. */
  readonly keepScores: boolean;
  /** Tries it on some images. @returns the time of all `images` */
  readonly time: (
    subjects: readonly Subject[],
    images: number,
  ) => Promise<Pick<StageEstimate, "seconds" | "work" | "notes">>;
}

/**
 * Estimates a stage that turns scores into masks: images, files and time.
 *
 * @param plan of the stage
 * @param from id of the stage that it reads
 * @param settings what it makes of the scores
 * @returns images, bytes, and what `settings.time` finds
 */
export async function estimateMasks(
  plan: StagePlan,
  from: string,
  settings: MaskSettings,
): Promise<StageEstimate> {
  const { facts } = await plan.earlier(from, ARTIFACTS.cams, ARTIFACTS.masks);
  const { split = facts.split } = settings;
  const background = await checkScores(plan, from, false);
  const dataset = await plan.factory.create("dataset", plan.dataset, { split, base: plan.base });
  const images = dataset.length, chosen = exampleImages(images);
  const subjects: Subject[] = [];
  let writeBytes = 0;
  for (const index of chosen) {
    const { image: size } = await dataset.read(index, { mask: false });
    const image = reduceLongSide(size, facts.longSide);
    const present = [...dataset.label(index)].flatMap((there, c) => there > 0 ? [1 + c] : []);
    const scores = settings.keepScores
      ? (1 + present.length) * SCORE_BYTES * image.width * image.height
      : 0;
    writeBytes += (scores + MASK_BYTES * size.width * size.height) * images / chosen.length;
    subjects.push({ image, size, classes: background ? [0, ...present] : present });
  }
  const time = chosen.length > 0 ? await settings.time(subjects, images) : {};
  return { reads: split, images, writeBytes, ...time };
}
