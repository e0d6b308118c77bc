import type { Dataset } from "../../../core/contracts/dataset.ts";
import type { StageContext } from "../../../core/contracts/stage.ts";
import { userError } from "../../../core/errors.ts";

const hasLabel = (dataset: Pick<Dataset, "label">, index: number) =>
  dataset.label(index).some((value) => value > 0);

/**
 * Finds the labelled images of a split.
 *
 * @param dataset the split, opened with labels
 * @returns their indices, in order
 */
export function labelledImages(dataset: Pick<Dataset, "length" | "label">): readonly number[] {
  return Array.from({ length: dataset.length }, (_, i) => i).filter((i) => hasLabel(dataset, i));
}

/**
 * Fails, before the run starts, where no image has any label: a network that learns from such, or a score over them, means nothing.
 *
 * @param id the stage that reads labels
 * @param split of the data set, for messages
 * @param dataset whose images are read, opened with labels
 * @throws {RangeError} naming the classes that were looked for
 */
export function checkLabelled(id: string, split: string, dataset: Dataset): void {
  for (let i = 0; i < dataset.length; i++) if (hasLabel(dataset, i)) return;
  throw userError(
    new RangeError(
      `Cannot plan stage ${id}: none of the ${dataset.length} images of split ${split} has a label of any class ` +
        `(${
          dataset.classes.join(", ")
        }); look at the data set's labels and classes, such as with data check`,
    ),
  );
}

/**
 * Notes what the data set says of itself, before work on it.
 *
 * @param dataset the split
 * @param mask whether its masks are used
 * @param context of the stage
 */
export async function noteRemarks(
  dataset: Dataset,
  mask: boolean,
  { id, observers }: Pick<StageContext, "id" | "observers">,
): Promise<void> {
  for (const text of await dataset.remarks?.({ mask }) ?? []) {
    await observers.note({ stage: id, text });
  }
}
