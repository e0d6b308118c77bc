import type { Dataset } from "../../../core/contracts/dataset.ts";

/**
 * Finds the images that a stage has no file of yet.
 *
 * @param dataset its images
 * @param stored tells by an image's name whether its file is there
 * @returns indices of the images without one, in order
 */
export async function pendingImages(
  dataset: Dataset,
  stored: (name: string) => Promise<boolean>,
): Promise<readonly number[]> {
  const todo: number[] = [];
  for (let i = 0; i < dataset.length; i++) {
    if (!await stored(dataset.name(i))) todo.push(i);
  }
  return todo;
}
