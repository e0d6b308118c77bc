import type { RankCounts, StagePlan } from "seamstress";
import { makeParts, type TrainingOptions as Options } from "seamstress/wsss";
import { microOf } from "./micro.ts";
import { allowedRanks } from "./shares.ts";
import { trainsNorms, wantWholeBatch } from "./statistics.ts";

/**
 * Finds among how many ranks a training can be shared.
 *
 * @param settings of the training
 * @param plan with what it chose
 * @returns the counts; 1 alone where every micro-batch in turn moves running statistics, or the batch is not divided
 */
export async function trainingRanks(
  settings: Options,
  plan: StagePlan,
): Promise<RankCounts> {
  const { batch: { size, runningStatistics }, split } = settings;
  const { factory, base } = plan;
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  const parts = await makeParts(settings, dataset.classes.length, factory);
  if (trainsNorms(parts) && runningStatistics !== "first") {
    return { alone: "each micro-batch in turn moves the running statistics of batch norm" };
  }
  const micro = microOf(settings, plan.chosen);
  if (micro < size) return allowedRanks(Math.ceil(size / micro));
  const means = parts.losses.filter(({ loss }) => loss.overBatch).map(({ name }) => `loss ${name}`);
  const who = [...wantWholeBatch(parts), ...means];
  const why = who.length > 0 ? ` for ${who.join(", ")}` : "";
  return { alone: `the batch of ${size} is computed at once${why}` };
}
