import type { Score, StageContext } from "seamstress";
import { forEachImage, ImageShare, resizeScores, strongestClass } from "seamstress/wsss";
import { predict } from "../evaluate/predict.ts";
import { refineImage, type ScoredImage, type ScoredImages } from "../refine/scored_images.ts";
import { refineTrials } from "./refine_trials.ts";
import { linksOf, type Trial } from "./trials.ts";

/** What is tried. */
export interface Search {
  /** Settings to try. */
  readonly trials: readonly Trial[];
  /** Evaluated size over the mask's. */
  readonly maskScale: number;
  /** One a trial, which counts its masks. */
  readonly scores: readonly Score[];
}

/** Counts the masks that every trial makes of an image. */
async function tryImage(
  { scores: given, reduced, sample }: ScoredImage,
  { trials, maskScale, scores }: Search,
): Promise<void> {
  const { name, image, label, mask: truth } = sample;
  const pixels = { label, ...truth && { mask: truth } };
  let trial = 0;
  for await (const refined of refineTrials(trials, given, reduced)) {
    // As refine makes masks, and evaluate scores them.
    const mask = strongestClass(await resizeScores(refined, image));
    scores[trial++]!.add(await predict(name, { mask }, pixels, { maskScale }));
  }
}

/**
 * Counts the masks that every trial makes of this rank's images, several at a time, with progress.
 *
 * @param context of the stage
 * @param images whose scores are refined
 * @param search what is tried on them
 * @throws the first failure, when all that was under way has ended
 */
export async function tryImages(
  context: StageContext,
  images: ScoredImages,
  search: Search,
): Promise<void> {
  const share = await ImageShare.open(context, images.dataset.length);
  await forEachImage(
    context,
    share,
    linksOf(search.trials),
    (index) => refineImage(index, images, { mask: true }, (image) => tryImage(image, search)),
  );
}
