import {
  checkFiles,
  type Dataset,
  type Raster,
  type Sample,
  type StageContext,
  type StagePlan,
  withAction,
} from "seamstress";
import {
  ARTIFACTS,
  checkBackground,
  checkImages,
  checkScores,
  type ClassScores,
  reduceLongSide,
  type RefinementLink,
  scoresOf,
  type ScoreSource,
} from "seamstress/wsss";
import { checkClasses, checkSize } from "./check_scores.ts";

/** Which scores are refined, as a stage's options have it. */
export interface ScoredSplit {
  /** Id of the stage that left them. */
  readonly from: string;
  /** Split, within that stage's; that one where not given. */
  readonly split?: string | undefined;
}

/**
 * Tells, before the run starts, what is known of scores.
 *
 * @param settings which scores
 * @param plan of the stage that refines them
 * @returns the split that is refined, and the long side that images were reduced to
 */
export async function earlierScores(
  { from, split }: ScoredSplit,
  plan: StagePlan,
): Promise<{ readonly split: string; readonly longSide: number | undefined }> {
  const { facts } = await plan.earlier(from, ARTIFACTS.cams, ARTIFACTS.masks);
  return { split: split ?? facts.split, longSide: facts.longSide };
}

/**
 * Checks, before anything runs, that chains of refinements can be applied to scores.
 *
 * @param settings which scores
 * @param chains of refinements
 * @param plan of the stage
 * @param needs whether the images' true masks are read too
 * @returns hashes of the data
 * @throws {Error} where something is missing or does not fit
 */
export async function checkRefining(
  settings: ScoredSplit,
  chains: readonly (readonly RefinementLink[])[],
  plan: StagePlan,
  needs: { readonly mask: boolean },
): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const background = await checkScores(plan, settings.from, false);
  for (const links of chains) checkBackground(id, links, background);
  for (const { refinement } of new Set(chains.flat())) await refinement.check?.(plan);
  const { split } = await earlierScores(settings, plan);
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  await checkImages(plan, settings.from, dataset, split);
  await dataset.check(needs);
  return [await dataset.fingerprint()];
}

/** Images of which an earlier stage left scores. */
export interface ScoredImages {
  /** Id of that stage. */
  readonly from: string;
  /** The scores. */
  readonly source: ScoreSource;
  /** Split that is refined. */
  readonly split: string;
  /** Its images. */
  readonly dataset: Dataset;
}

/**
 * Opens scores and their images.
 *
 * @param settings which scores
 * @param context of the stage that refines them
 * @returns both, of the same classes, with a file of scores for every image
 * @throws {Error} where they are not
 */
export async function openScores(
  settings: ScoredSplit,
  context: StageContext,
): Promise<ScoredImages> {
  const { id, factory, base } = context, { from } = settings;
  const source = scoresOf(context, from);
  const split = settings.split ?? source.split;
  const dataset = await factory.create("dataset", context.dataset, { split, base });
  checkClasses(id, from, source.classes, dataset.classes);
  await checkFiles("scores", source.folder, dataset, source.fileOf);
  return { from, source, split, dataset };
}

/** An image and its scores. */
export interface ScoredImage {
  readonly scores: ClassScores;
  /** Of the scores' size. */
  readonly reduced: Raster;
  /** As the data set has it. */
  readonly sample: Sample;
}

/**
 * Reads an image and its scores, and works on them.
 *
 * @param index of the image
 * @param images that are refined
 * @param needs whether its true mask is read too
 * @param work on it
 * @throws {Error} what it throws, naming the image
 */
export async function refineImage(
  index: number,
  { from, source, dataset }: ScoredImages,
  needs: { readonly mask: boolean },
  work: (image: ScoredImage) => Promise<void>,
): Promise<void> {
  const name = dataset.name(index);
  const [scores, sample] = await Promise.all([source.read(name), dataset.read(index, needs)]);
  try {
    const reduced = reduceLongSide(sample.image, source.longSide);
    checkSize(from, scores, reduced, sample.image);
    await work({ scores, reduced, sample });
  } catch (error) {
    throw withAction(`Cannot refine ${name}`, error);
  }
}
