import { type Dataset, inParallel, type Score, type StageContext, withAction } from "seamstress";
import {
  ImageShare,
  reduceLongSide,
  resizeScores,
  type ScoreSource,
  strongestClass,
} from "seamstress/wsss";
import { predict } from "../evaluate/predict.ts";
import { checkSize } from "../refine/check_scores.ts";
import { refineTrials } from "./refine_trials.ts";
import { linksOf, type Trial } from "./trials.ts";

/** What is tried on which images. */
export interface Search {
  /** Settings to try. */
  readonly trials: readonly Trial[];
  /** Id of the stage that the scores are of. */
  readonly from: string;
  /** The scores. */
  readonly source: ScoreSource;
  /** Images and true masks. */
  readonly dataset: Dataset;
  /** Evaluated size over the mask's. */
  readonly maskScale: number;
  /** One a trial, which counts its masks. */
  readonly scores: readonly Score[];
}

/** Counts the masks that every trial makes of an image. */
async function tryImage(index: number, search: Search): Promise<void> {
  const { trials, from, source, dataset, maskScale, scores } = search;
  const name = dataset.name(index);
  const [given, { image, mask: truth }] = await Promise.all([
    source.read(name),
    dataset.read(index, { mask: true }),
  ]);
  try {
    const reduced = reduceLongSide(image, source.longSide);
    checkSize(from, given, reduced, image);
    const pixels = { label: dataset.label(index), ...truth && { mask: truth } };
    let trial = 0;
    for await (const refined of refineTrials(trials, given, reduced)) {
      // As refine makes masks, and evaluate scores them.
      const mask = strongestClass(await resizeScores(refined, image));
      scores[trial++]!.add(await predict(name, { mask }, pixels, { maskScale }));
    }
  } catch (error) {
    throw withAction(`Cannot refine ${name}`, error);
  }
}

/**
 * Counts the masks that every trial makes of this rank's images, several at a time, with progress.
 *
 * @param context of the stage
 * @param search what is tried on which images
 * @throws the first failure, when all that was under way has ended
 */
export async function tryImages(context: StageContext, search: Search): Promise<void> {
  const total = search.dataset.length;
  const share = await ImageShare.open(
    context,
    total,
    () => Promise.resolve(Array.from({ length: total }, (_, i) => i)),
  );
  const links = linksOf(search.trials);
  try {
    for (const { refinement } of links) await refinement.open?.(context);
    const cores = Math.ceil(navigator.hardwareConcurrency / context.group.localSize);
    await inParallel(share.indices, cores + 1, async (index) => {
      await tryImage(index, search);
      await share.finish();
    });
    await share.end();
  } finally {
    for (const { refinement } of links) refinement.close?.();
  }
}
