import {
  checkFiles,
  type Dataset,
  maskFilesIn,
  type Metric,
  resolvePath,
  type StagePlan,
  userError,
} from "seamstress";
import {
  ARTIFACTS,
  checkGivesThreshold,
  checkImages,
  checkLabelled,
  type EvaluationOptions as Options,
  needsMask,
} from "seamstress/wsss";

/** Checks that every metric finds what it reads of every image. */
function checkNeeds(id: string, metrics: readonly Metric[], where: string, has: readonly string[]) {
  for (const need of metrics.flatMap(({ needs }) => needs)) {
    if (need !== "truth-mask" && !has.includes(need)) {
      throw userError(
        new TypeError(
          `Cannot plan stage ${id}: its metric reads ${need}, ${where} ${has.join(", ")}`,
        ),
      );
    }
  }
}

/**
 * The split that is scored.
 *
 * @param id the evaluation's
 * @param settings its options
 * @param inferred split of the stage that it reads, where it reads one
 * @returns the split
 * @throws {TypeError} where neither names one
 */
export function splitOf(id: string, settings: Options, inferred: string | undefined): string {
  const split = settings.split ?? inferred;
  if (split !== undefined) return split;
  throw userError(
    new TypeError(
      `Cannot plan stage ${id}: ${
        settings.from === undefined ? "a folder of masks" : `stage "${settings.from}"`
      } names no split; give the evaluation its own "split"`,
    ),
  );
}

/**
 * Checks an evaluation before anything runs.
 *
 * @param settings its options
 * @param metrics made of them
 * @param plan of the stage
 * @returns hashes of the data
 * @throws {Error} where something is missing or does not fit
 */
export async function checkEvaluation(
  settings: Options,
  metrics: readonly Metric[],
  plan: StagePlan,
): Promise<readonly string[]> {
  const { id, factory, base } = plan;
  const open = (split: string) => factory.create("dataset", plan.dataset, { split, base });
  const hashes: string[] = [];
  let dataset: Dataset, split: string;
  if (settings.from === undefined) {
    checkNeeds(id, metrics, "a folder of masks holds", ["mask"]);
    split = splitOf(id, settings, undefined);
    dataset = await open(split);
    const folder = resolvePath(base, settings.masks!);
    hashes.push(await checkFiles("masks", folder, dataset, await maskFilesIn(folder)));
  } else {
    const { facts } = await plan.earlier(settings.from, ARTIFACTS.cams, ARTIFACTS.masks);
    checkNeeds(id, metrics, `stage "${settings.from}" keeps`, facts.keeps);
    split = splitOf(id, settings, facts.split);
    dataset = await open(split);
    await checkImages(plan, settings.from, dataset, split);
  }
  for (const { thresholdFrom } of metrics) {
    if (thresholdFrom !== undefined) await checkGivesThreshold(plan, thresholdFrom, "its metric");
  }
  await dataset.check({ mask: needsMask(metrics) });
  if (metrics.some(({ needs }) => needs.includes("scores"))) {
    checkLabelled(id, split, dataset);
  }
  return [...hashes, await dataset.fingerprint()];
}
