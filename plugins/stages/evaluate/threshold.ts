import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { Metric, Threshold } from "../../../core/contracts/metric.ts";
import type { StageContext, StagePlan } from "../../../core/contracts/stage.ts";
import { mistake } from "../../../core/errors.ts";
import type { Maker } from "../../../core/registry/plugin.ts";
import { findSource } from "../../wsss/stages/source.ts";
import { readResult } from "../../wsss/scores/result.ts";

/**
 * Checks, before anything runs, that the evaluation whose threshold a metric uses will have one.
 *
 * @param plan of the stage that the metric belongs to
 * @param metric any
 * @param metricsOf makes the metrics of an evaluation from its options
 * @throws {TypeError} where it will not
 */
export async function checkThreshold(
  plan: StagePlan,
  { thresholdFrom }: Metric,
  metricsOf: (
    options: Readonly<Record<string, unknown>>,
    maker: Maker,
  ) => Promise<readonly Metric[]>,
): Promise<void> {
  if (thresholdFrom === undefined) return;
  const { options } = await findSource(plan, thresholdFrom, "table");
  const metrics = await metricsOf(options, plan.maker);
  if (metrics.some(({ givesThreshold }) => givesThreshold)) return;
  throw mistake(
    new TypeError(
      `Cannot plan stage ${plan.id}: its metric uses the threshold of stage "${thresholdFrom}", whose metrics have none`,
    ),
  );
}

/**
 * Takes the threshold of an earlier evaluation, and says how it stands to the images that are scored now: chosen on others, or
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
  const { table, about } = await readResult(context.artifact(from, "table").folder);
  const found = table.threshold;
  if (!found) throw new TypeError(`Cannot take a threshold from stage ${from}: its table has none`);
  const { value, how } = found;
  if (how === "fixed") return { value, how };
  const { stage, split } = found.on ?? about;
  const { maker, dataset: use, base } = context;
  const origin = await maker.create("dataset", use, { split, base });
  const names = new Set(namesOf(origin));
  const shared = namesOf(scored).filter((name) => names.has(name)).length;
  if (shared === names.size && shared === scored.length) return { value, how: "oracle" };
  return { value, how: "chosen", on: { stage, split, images: names.size, shared } };
}

function namesOf(dataset: Dataset): string[] {
  return Array.from({ length: dataset.length }, (_, i) => dataset.name(i));
}
