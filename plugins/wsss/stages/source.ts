import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { StagePlan } from "../../../core/contracts/stage.ts";
import { userError } from "../../../core/errors.ts";
import { ARTIFACTS } from "./artifacts.ts";

/**
 * Checks that an earlier stage's artifact covers every image that a later one will read.
 *
 * @param plan of the later stage
 * @param from id of the earlier one
 * @param wanted the later stage's images
 * @param split of these
 * @throws {RangeError} naming the first image that the earlier stage does not have
 */
export async function checkImages(
  plan: StagePlan,
  from: string,
  wanted: Dataset,
  split: string,
): Promise<void> {
  const { facts: { split: given } } = await plan.earlier(from, ARTIFACTS.cams, ARTIFACTS.masks);
  if (given === split) return;
  const args = { split: given, base: plan.base };
  const dataset = await plan.factory.create("dataset", plan.dataset, args);
  const known = new Set(Array.from({ length: dataset.length }, (_, i) => dataset.name(i)));
  for (let i = 0; i < wanted.length; i++) {
    if (known.has(wanted.name(i))) continue;
    throw userError(
      new RangeError(
        `Cannot plan stage ${plan.id}: image ${
          wanted.name(i)
        } of its split ${split} is not among the ${dataset.length} of stage "${from}", split ${given}`,
      ),
    );
  }
}
