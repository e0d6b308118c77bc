import type { StagePlan } from "seamstress";
import { makeParts, type TrainingOptions as Options } from "seamstress/wsss";
import { microOf } from "./micro.ts";
import { allowedRanks } from "./shares.ts";
import { trainsNorms } from "./statistics.ts";

/**
 * Finds among how many ranks a training can be shared.
 *
 * @param settings of the training
 * @param plan with what it chose
 * @returns the counts; 1 alone where every micro-batch in turn moves running statistics
 */
export async function trainingRanks(
  settings: Options,
  plan: StagePlan,
): Promise<readonly number[]> {
  const { batch: { size, runningStatistics }, split } = settings;
  const { factory, base } = plan;
  const dataset = await factory.create("dataset", plan.dataset, { split, base });
  const parts = await makeParts(settings, dataset.classes.length, factory);
  if (trainsNorms(parts) && runningStatistics !== "first") return [1];
  return allowedRanks(Math.ceil(size / microOf(settings, plan.chosen)));
}
