import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { Threshold } from "../../../core/contracts/metric.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import { userError } from "../../../core/errors.ts";
import { ARTIFACTS } from "../stages/artifacts.ts";
import { readResult } from "./result.ts";

/** CAM below which a pixel is background where no evaluation chose another: the SEAM authors' default. */
export const USUAL_ALPHA = 0.26;

/**
 * Checks, before anything runs, that an evaluation whose threshold is used will have one.
 *
 * @param plan of the stage that uses it
 * @param from id of the evaluation
 * @param user what of the stage uses it, such as `its metric`
 * @throws {TypeError} where it will not
 */
export async function checkGivesThreshold(
  plan: StagePlan,
  from: string,
  user: string,
): Promise<void> {
  const { facts } = await plan.earlier(from, ARTIFACTS.table);
  if (facts.threshold) return;
  throw userError(
    new TypeError(
      `Cannot plan stage ${plan.id}: ${user} uses the threshold of stage "${from}", whose metrics have none`,
    ),
  );
}

/**
 * Takes the threshold of an earlier evaluation, and states its relation to the images that are scored now: chosen on others, or
 * best on these very images, whatever the splits are called and however many evaluations handed it on.
 *
 * @param context of the stage that scores
 * @param from id of the earlier evaluation
 * @param scored the images
 * @returns the threshold
 */
export async function thresholdOf(
  context: StageContext,
  from: string,
  scored: Dataset,
): Promise<Threshold> {
  const { table, about } = await readResult(context.artifact(from, ARTIFACTS.table).folder);
  const found = table.threshold;
  if (!found) throw new TypeError(`Cannot take a threshold from stage ${from}: its table has none`);
  const { value, how } = found;
  if (how === "fixed") return { value, how };
  return { value, ...await standingOf(context, found.on ?? about, scored) };
}

/**
 * How a number that was chosen on some images stands to those that are scored.
 *
 * @param context of the stage that scores
 * @param chosen the stage that chose it, and the split that it chose on
 * @param scored the images
 * @returns an oracle where these are the same images
 */
export async function standingOf(
  context: StageContext,
  { stage, split }: { readonly stage: string; readonly split: string },
  scored: Dataset,
): Promise<Omit<Threshold, "value">> {
  const { factory, dataset: use, base } = context;
  const origin = await factory.create("dataset", use, { split, base });
  const names = new Set(namesOf(origin));
  const shared = namesOf(scored).filter((name) => names.has(name)).length;
  if (shared === names.size && shared === scored.length) return { how: "oracle" };
  return { how: "chosen", on: { stage, split, images: names.size, shared } };
}

function namesOf(dataset: Dataset): string[] {
  return Array.from({ length: dataset.length }, (_, i) => dataset.name(i));
}
